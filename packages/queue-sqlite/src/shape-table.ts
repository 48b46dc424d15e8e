import { damaged } from './codes.ts';
import { readShape, type Shape } from './decode.ts';
import type { WireShapes } from './protocol.ts';
import { numberIn, textIn } from './row.ts';
import type { Tables } from './tables.ts';

/** Shapes kept in memory; more are read again when needed. */
const maxCached = 4096;

interface Known {
  readonly json: string;
  readonly shape: Shape;
}

/** What containers ask for, each different one stored once. */
export class ShapeTable {
  readonly #tables: Tables;
  readonly #byId = new Map<number, Known>();
  readonly #idByJson = new Map<string, number>();

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  /** The id of this shape, which is stored when it is new. */
  idOf(json: string): number {
    const cached = this.#idByJson.get(json);
    if (cached !== undefined) return cached;
    const row = this.#tables.one('SELECT id FROM shapes WHERE json = ?', json);
    const id =
      row === undefined ? this.#tables.write('INSERT INTO shapes (json) VALUES (?)', json).id : numberIn(row, 'id');
    this.#remember(id, json);
    return id;
  }

  get(id: number): Shape {
    return this.#known(id).shape;
  }

  /** The shapes with these ids, each once. */
  wire(ids: Iterable<number>): WireShapes {
    return [...new Set(ids)].map((id) => [id, this.#known(id).json]);
  }

  /** After a rollback: what was remembered may not exist. */
  forget(): void {
    this.#byId.clear();
    this.#idByJson.clear();
  }

  #known(id: number): Known {
    const cached = this.#byId.get(id);
    if (cached !== undefined) return cached;
    const row = this.#tables.one('SELECT json FROM shapes WHERE id = ?', id);
    if (row === undefined) throw damaged(`shape ${id} is missing`);
    return this.#remember(id, textIn(row, 'json'));
  }

  #remember(id: number, json: string): Known {
    if (this.#byId.size >= maxCached) this.forget();
    const known = { json, shape: readShape(json) };
    this.#byId.set(id, known);
    this.#idByJson.set(json, id);
    return known;
  }
}
