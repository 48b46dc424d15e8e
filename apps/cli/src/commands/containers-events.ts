import type { ContainerEvent } from '@drover/spec';
import { connect, type GlobalOptions } from '../connect/session.ts';
import { Interrupted, untilInterrupted } from '../follow/interrupt.ts';
import { Exit, exitCodes } from '../output/exit-code.ts';
import { print, printStreamed } from '../output/print.ts';
import { paintState } from '../output/states.ts';
import type { Column } from '../output/table.ts';
import { note, oneLine } from '../output/terminal.ts';
import { moment } from '../output/times.ts';

export interface EventsOptions extends GlobalOptions {
  readonly follow?: boolean;
  readonly after?: number;
  readonly limit?: number;
}

const columns: readonly Column<ContainerEvent>[] = [
  { title: 'event', value: ({ sequence }) => sequence, align: 'right' },
  { title: 'time', value: ({ atMs }) => moment(atMs) },
  { title: 'uuid', value: ({ uuid }) => uuid },
  { title: 'kind', value: ({ kind }) => kind },
  { title: 'state', value: ({ state }) => state, style: (text, { state }) => paintState(text, state) },
  { title: 'attempt', value: ({ generation }) => generation, align: 'right' },
  { title: 'detail', value: ({ detail }) => detail },
];

/** `drover containers events`: of one container, or of all. */
export async function showEvents(uuid: string | undefined, options: EventsOptions): Promise<void> {
  const client = connect(options);
  const { after, limit, follow, output } = options;
  const query = { ...(uuid === undefined ? {} : { uuid }), ...(after === undefined ? {} : { after }) };
  if (follow !== true) {
    const page = await client.events({ ...query, ...(limit === undefined ? {} : { limit }) });
    return print(output, { items: page.items, columns, name: ({ sequence }) => String(sequence), json: page });
  }
  await untilInterrupted(async (signal) => {
    const onLost = (): void => note('the connection was lost; trying again');
    for await (const event of client.followEvents(query, { signal, onLost })) {
      printStreamed(output, event, { name: ({ sequence }) => String(sequence), line: eventLine });
    }
  }).catch((error: unknown) => {
    throw error instanceof Interrupted ? new Exit(exitCodes.interrupted) : error;
  });
}

function eventLine({ atMs, uuid, kind, state, detail }: ContainerEvent): string {
  const words = `${moment(atMs)}  ${uuid}  ${kind.padEnd(9)}  ${paintState(state.padEnd(9), state)}`;
  return detail === undefined ? words.trimEnd() : `${words}  ${oneLine(detail)}`;
}
