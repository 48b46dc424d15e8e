import type { DoctorCheck } from '@drover/dispatcher';
import { untilInterrupted } from '../follow/interrupt.ts';
import { Exit, exitCodes } from '../output/exit-code.ts';
import { type OutputFormat, print } from '../output/print.ts';
import { type Column, renderTable } from '../output/table.ts';
import { note, paint } from '../output/terminal.ts';
import { configFile } from './config-file.ts';

export interface DoctorOptions {
  readonly config?: string;
  readonly output: OutputFormat;
}

const colours = { ok: 'green', warning: 'yellow', failed: 'red', skipped: 'dim' } as const;

const columns: readonly Column<DoctorCheck>[] = [
  { title: 'check', value: ({ subject }) => subject },
  {
    title: 'result',
    value: ({ outcome }) => outcome,
    style: (text, { outcome }) => paint(colours[outcome], text),
  },
  { title: 'setting', value: ({ setting }) => setting },
  {
    title: 'what',
    value: ({ message, fix }) => (fix === undefined ? message : `${message.replace(/\.$/, '')}; ${fix}`),
  },
];

/** `drover doctor`: 0 when nothing failed, 2 when the configuration itself is wrong, else 1. */
export async function runDoctor(options: DoctorOptions): Promise<void> {
  const doctor = await import('@drover/dispatcher');
  const report = await untilInterrupted((signal) =>
    doctor.runDoctor(configFile(options.config), process.env, { signal }),
  );
  const { checks, ok } = report;
  print(options.output, {
    items: checks,
    columns,
    name: ({ subject }) => subject,
    json: { ok, items: checks },
    // Not cut at the terminal's width: what is to be done stands at the end.
    ...(options.output === 'table' && { text: () => renderTable(checks, columns) }),
  });
  const count = (outcome: DoctorCheck['outcome']): number => checks.filter((c) => c.outcome === outcome).length;
  if (options.output === 'table')
    note(`${count('failed')} failed, ${count('warning')} to look at, ${count('skipped')} skipped`);
  if (ok) return;
  const isConfig = checks.every(({ subject }) => subject === 'config');
  throw new Exit(isConfig ? exitCodes.usage : exitCodes.error);
}
