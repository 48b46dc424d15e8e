import type { ContainerState } from '@drover/spec';
import { formatDuration } from '@drover/management-api/units';
import { paintState } from '../output/states.ts';
import type { Column } from '../output/table.ts';
import { paint } from '../output/terminal.ts';

/** One finished container of the example. */
export interface ExampleRow {
  readonly name: string;
  readonly state: ContainerState;
  /** `0`, `3`, `SIGKILL`. */
  readonly exit: string;
  readonly isSuccess: boolean;
  readonly instanceId: string | undefined;
  readonly waitMs: number | undefined;
  readonly runMs: number | undefined;
  readonly firstLine: string;
  readonly asExpected: boolean;
}

/** Columns of the example's results. */
export const resultColumns: readonly Column<ExampleRow>[] = [
  { title: 'name', value: ({ name }) => name },
  { title: 'state', value: ({ state }) => state, style: (text, { state }) => paintState(text, state) },
  {
    title: 'exit',
    value: ({ exit }) => exit,
    align: 'right',
    style: (text, { isSuccess }) => paint(isSuccess ? 'green' : 'red', text),
  },
  { title: 'vm', value: ({ instanceId }) => instanceId },
  { title: 'wait', value: ({ waitMs }) => duration(waitMs), align: 'right' },
  { title: 'run', value: ({ runMs }) => duration(runMs), align: 'right' },
  { title: 'first line of its log', value: ({ firstLine }) => firstLine },
];

function duration(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : formatDuration(Math.max(0, ms));
}
