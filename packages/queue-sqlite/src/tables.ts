import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { Row } from './row.ts';

/** A database with its prepared statements. */
export class Tables {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #writes = 0;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Grows with every statement that may have written: tells whether a failed request left anything behind. */
  get writes(): number {
    return this.#writes;
  }

  /** True between `begin` and the end of that transaction, also when SQLite itself rolled back. */
  get inTransaction(): boolean {
    return this.#database.isTransaction;
  }

  exec(sql: string): void {
    this.#database.exec(sql);
  }

  one(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#statement(sql).get(...values);
  }

  all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#statement(sql).all(...values);
  }

  /** Returns how many rows changed and the id of an inserted one. */
  write(sql: string, ...values: SQLInputValue[]): { readonly changes: number; readonly id: number } {
    this.#writes += 1;
    const { changes, lastInsertRowid } = this.#statement(sql).run(...values);
    return { changes: Number(changes), id: Number(lastInsertRowid) };
  }

  /** For the text given by the caller only: never built from data, so the cache stays as small as the code. */
  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}
