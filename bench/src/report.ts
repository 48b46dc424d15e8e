import { writeFileSync } from 'node:fs';
import type { Figure } from '@drover/testkit/figure';

/** Where the figures go besides standard output: the file after `--json`, if there is one. */
export function jsonPath(args: readonly string[]): string | undefined {
  const index = args.indexOf('--json');
  return index < 0 ? undefined : args[index + 1];
}

/** A table for people on stdout, and the same as an array in a file. */
export function report(figures: readonly Figure[], json: string | undefined): void {
  const rows = figures.map((f) => [f.ok ? 'ok' : 'MISS', f.name, String(f.value), f.unit, f.target]);
  const header = ['', 'figure', 'value', 'unit', 'target'];
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of [header, ...rows]) {
    const cells = row.map((cell, column) =>
      column === 2 ? cell.padStart(widths[2] ?? 0) : cell.padEnd(widths[column] ?? 0),
    );
    console.log(cells.join('  ').trimEnd());
  }
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(figures, null, 2)}\n`);
}
