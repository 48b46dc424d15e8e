import { isFinal, toEntry } from '@drover/queue-rules';
import type { QueueEntry } from '@drover/spec';
import { damaged } from './codes.ts';
import { readShape, type Shape } from './decode.ts';
import type { WireEntry, WireShapes } from './protocol.ts';

/** Shapes kept; every answer brings its own, so forgetting costs only a parse. */
const maxShapes = 4096;

/** Makes queue entries such that an unchanged container is the same object and equal shapes are too. */
export class EntryCache {
  readonly #entries = new Map<string, { readonly revision: number; readonly entry: QueueEntry }>();
  readonly #shapes = new Map<number, Shape>();

  /** The entries of one answer. `complete`: there are no other unfinished containers. */
  take(wire: readonly WireEntry[], shapes: WireShapes, complete = false): QueueEntry[] {
    if (this.#shapes.size > maxShapes) this.#shapes.clear();
    for (const [id, json] of shapes) if (!this.#shapes.has(id)) this.#shapes.set(id, readShape(json));
    const entries = wire.map((one) => this.#entry(one));
    if (complete) this.#keepOnly(new Set(wire.map(({ uuid }) => uuid)));
    return entries;
  }

  #entry(wire: WireEntry): QueueEntry {
    const known = this.#entries.get(wire.uuid);
    if (known !== undefined && known.revision === wire.revision) return known.entry;
    const shape = this.#shapes.get(wire.shapeId);
    if (shape === undefined) throw damaged(`shape ${wire.shapeId} was not sent along`);
    const entry = toEntry(wire, shape, wire);
    if (isFinal(wire.state)) this.#entries.delete(wire.uuid);
    // An answer that was overtaken must not replace what is newer.
    else if (known === undefined || known.revision < wire.revision)
      this.#entries.set(wire.uuid, { revision: wire.revision, entry });
    return entry;
  }

  #keepOnly(uuids: ReadonlySet<string>): void {
    for (const uuid of this.#entries.keys()) if (!uuids.has(uuid)) this.#entries.delete(uuid);
  }
}
