import { stripVTControlCharacters } from 'node:util';
import { oneLine, paint } from './terminal.ts';

/** One column of a table of `T`s. */
export interface Column<T> {
  readonly title: string;
  readonly value: (row: T) => string | number | undefined;
  /** Shown by `-o wide` only. */
  readonly wide?: boolean;
  readonly align?: 'right';
  /** Colours what a terminal shows. */
  readonly style?: (text: string, row: T) => string;
}

const gap = '  ';

/** What stands where there is nothing. */
export const nothing = '-';

/**
 * Rows under upper-case titles, columns aligned. `maxWidth` cuts every line there (the width of a terminal); without it nothing is
 * cut.
 */
export function renderTable<T>(rows: readonly T[], columns: readonly Column<T>[], maxWidth?: number): string {
  const cells = rows.map((row) => columns.map((column) => cellText(column.value(row))));
  const widths = columns.map((column, at) =>
    Math.max(column.title.length, ...cells.map((line) => visibleLength(line[at] ?? ''))),
  );
  const line = (texts: readonly string[], paintCell: (text: string, at: number) => string): string => {
    const parts: string[] = [];
    let used = 0;
    for (const [at, text] of texts.entries()) {
      const room = maxWidth === undefined ? Infinity : maxWidth - used;
      if (room <= 0) break;
      const cut = cutTo(text, room);
      const padding = ' '.repeat(Math.max(0, Math.min(widths[at] ?? 0, room) - visibleLength(cut)));
      const painted = paintCell(cut, at);
      const isLast = at === texts.length - 1;
      parts.push(columns[at]?.align === 'right' ? padding + painted : isLast ? painted : painted + padding);
      used += (widths[at] ?? 0) + gap.length;
    }
    return parts.join(gap).trimEnd();
  };
  const titles = line(
    columns.map((column) => column.title.toUpperCase()),
    (text) => paint('bold', text),
  );
  const body = cells.map((texts, index) =>
    line(texts, (text, at) => {
      const row = rows[index];
      const style = columns[at]?.style;
      return style === undefined || row === undefined ? text : style(text, row);
    }),
  );
  return [titles, ...body].join('\n');
}

/** `key  value` lines, keys aligned; entries without a value are left out. */
export function renderFacts(facts: readonly (readonly [string, string | number | undefined])[]): string {
  const known = facts.filter(([, value]) => value !== undefined);
  const width = Math.max(0, ...known.map(([key]) => key.length));
  return known.map(([key, value]) => `${paint('bold', key.padEnd(width))}${gap}${cellText(value)}`).join('\n');
}

function cellText(value: string | number | undefined): string {
  if (value === undefined || value === '') return nothing;
  return typeof value === 'number' ? String(value) : oneLine(value);
}

const segmenter = new Intl.Segmenter();

/** What a person counts as one character. */
function characters(text: string): readonly string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

function cutTo(text: string, room: number): string {
  // Most text is short and plain; only what may have to be cut is taken apart.
  if (text.length <= room) return text;
  const parts = characters(text);
  return parts.length <= room ? text : `${parts.slice(0, Math.max(0, room - 1)).join('')}…`;
}

function visibleLength(text: string): number {
  const plain = stripVTControlCharacters(text);
  return /^[\x20-\x7e]*$/.test(plain) ? plain.length : characters(plain).length;
}
