import type { ContainerState, ContainerSummary } from '@drover/spec';
import { connect, type GlobalOptions } from '../connect/session.ts';
import { print } from '../output/print.ts';
import { paintState } from '../output/states.ts';
import type { Column } from '../output/table.ts';
import { note } from '../output/terminal.ts';
import { age, moment, span } from '../output/times.ts';

export interface ListOptions extends GlobalOptions {
  readonly state?: readonly ContainerState[];
  readonly limit?: number;
  readonly after?: string;
}

/** Columns of a list of containers. */
export const containerColumns: readonly Column<ContainerSummary>[] = [
  { title: 'uuid', value: ({ uuid }) => uuid },
  { title: 'name', value: ({ name }) => name },
  { title: 'state', value: ({ state }) => state, style: (text, { state }) => paintState(text, state) },
  { title: 'exit', value: ({ exitCode, signal }) => signal ?? exitCode, align: 'right' },
  { title: 'prio', value: ({ priority }) => priority, align: 'right' },
  { title: 'age', value: ({ submittedAtMs }) => age(submittedAtMs), align: 'right' },
  { title: 'run time', value: ({ startedAtMs, finishedAtMs }) => span(startedAtMs, finishedAtMs), align: 'right' },
  { title: 'instance', value: ({ instanceId }) => instanceId, wide: true },
  { title: 'attempt', value: ({ generation }) => generation, wide: true, align: 'right' },
  { title: 'submitted', value: ({ submittedAtMs }) => moment(submittedAtMs), wide: true },
  { title: 'command', value: ({ command }) => command.join(' ') },
];

/** `drover containers list` */
export async function listContainers(options: ListOptions): Promise<void> {
  const client = connect(options);
  const { state, limit, after } = options;
  const page = await client.list({
    ...(state === undefined ? {} : { states: state }),
    ...(limit === undefined ? {} : { limit }),
    ...(after === undefined ? {} : { after }),
  });
  const { items } = page;
  if (items.length === 0 && (options.output === 'table' || options.output === 'wide')) return note('no containers');
  print(options.output, { items, columns: containerColumns, name: ({ uuid }) => uuid, json: page });
  if (page.next !== undefined) note(`there are more: --after ${page.next}`);
}
