import type { SQLOutputValue } from 'node:sqlite';
import { damaged } from './codes.ts';

/** A row as node:sqlite gives it. */
export type Row = Record<string, SQLOutputValue>;

export function numberIn(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw damaged(`${column} is not a number`);
  return value;
}

export function textIn(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw damaged(`${column} is not text`);
  return value;
}

export function optionalNumberIn(row: Row, column: string): number | undefined {
  return row[column] === null ? undefined : numberIn(row, column);
}

export function optionalTextIn(row: Row, column: string): string | undefined {
  return row[column] === null ? undefined : textIn(row, column);
}

export function optionalBytesIn(row: Row, column: string): Uint8Array | undefined {
  const value = row[column];
  if (value === null) return undefined;
  if (!(value instanceof Uint8Array)) throw damaged(`${column} is not a blob`);
  return value;
}
