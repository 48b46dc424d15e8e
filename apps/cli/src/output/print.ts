import { type Column, renderTable } from './table.ts';
import { out } from './terminal.ts';

/** What `-o` takes. */
export const outputFormats = ['table', 'wide', 'json', 'ndjson', 'name'] as const;

export type OutputFormat = (typeof outputFormats)[number];

/** Something to print in whatever format was asked for. */
export interface Printable<T> {
  readonly items: readonly T[];
  readonly columns: readonly Column<T>[];
  /** What `-o name` prints of an item: the word that other commands take. */
  readonly name: (item: T) => string;
  /** What `-o json` prints; default: `{items}`. */
  readonly json?: unknown;
  /** What a table would be replaced by: a text for people. */
  readonly text?: () => string;
}

/** Prints to stdout. */
export function print<T>(format: OutputFormat, printable: Printable<T>): void {
  const { items, columns, name, json, text } = printable;
  switch (format) {
    case 'json':
      return out(JSON.stringify(json ?? { items }, undefined, 2));
    case 'ndjson':
      for (const item of items) out(JSON.stringify(item));
      return;
    case 'name':
      for (const item of items) out(name(item));
      return;
    case 'table':
    case 'wide': {
      if (text !== undefined) return out(text());
      const shown = columns.filter((column) => format === 'wide' || column.wide !== true);
      const width = process.stdout.isTTY && format === 'table' ? process.stdout.columns : undefined;
      return out(renderTable(items, shown, width));
    }
  }
}

/** Prints items as they come: one JSON object per line for both JSON formats, else a line of text each. */
export function printStreamed<T>(
  format: OutputFormat,
  item: T,
  forms: { readonly name: (item: T) => string; readonly line: (item: T) => string },
): void {
  if (format === 'json' || format === 'ndjson') out(JSON.stringify(item));
  else out(format === 'name' ? forms.name(item) : forms.line(item));
}
