import { type ContainerRecord, DroverError } from '@drover/spec';
import { type DroverClient, isFinal } from '@drover/management-api/client';
import { connect, type GlobalOptions } from '../connect/session.ts';
import { Interrupted, untilInterrupted } from '../follow/interrupt.ts';
import { outcomeText, succeeded } from '../follow/outcome.ts';
import { Exit, exitCodes } from '../output/exit-code.ts';
import { type OutputFormat, print } from '../output/print.ts';
import { paintState } from '../output/states.ts';
import type { Column } from '../output/table.ts';
import { note } from '../output/terminal.ts';
import { span } from '../output/times.ts';

export interface WaitOptions extends GlobalOptions {
  readonly timeout?: number;
}

const columns: readonly Column<ContainerRecord>[] = [
  { title: 'uuid', value: ({ uuid }) => uuid },
  { title: 'name', value: ({ spec }) => spec.name },
  { title: 'state', value: ({ state }) => state, style: (text, { state }) => paintState(text, state) },
  { title: 'run time', value: ({ result }) => span(result?.startedAtMs, result?.finishedAtMs), align: 'right' },
  { title: 'outcome', value: outcomeText },
];

/** `drover containers wait`: ends with 0 only when all of them did what they were to do. */
export async function waitForContainers(uuids: readonly string[], options: WaitOptions): Promise<void> {
  await waitAndPrint(connect(options), uuids, options);
}

/** Waits for the end of all, prints it, and says in the exit code whether all went well. */
export async function waitAndPrint(
  client: DroverClient,
  uuids: readonly string[],
  options: { readonly output: OutputFormat; readonly timeout?: number },
): Promise<void> {
  const records = await untilInterrupted(async (interrupted) => {
    const signals = [interrupted, ...(options.timeout === undefined ? [] : [AbortSignal.timeout(options.timeout)])];
    return waitForAll(client, uuids, AbortSignal.any(signals));
  }).catch((error: unknown) => {
    if (error instanceof Interrupted) throw new Exit(exitCodes.interrupted);
    const isTimeout = error instanceof Error && error.name === 'TimeoutError';
    throw isTimeout ? tooLong(error) : error;
  });
  print(options.output, { items: records, columns, name: ({ uuid }) => uuid });
  if (!records.every(succeeded)) throw new Exit(exitCodes.error);
}

function tooLong(cause: Error): DroverError {
  return new DroverError('CLI_WAIT_TIMEOUT', 'not all containers ended in time; they go on', {
    fix: 'see what holds them up with: drover containers why UUID',
    cause,
  });
}

/** One event stream serves for any number of containers. */
async function waitForAll(
  client: DroverClient,
  uuids: readonly string[],
  signal: AbortSignal,
): Promise<readonly ContainerRecord[]> {
  // Events after this place tell of everything that the records read next do not show.
  const { last } = await client.events({ limit: 1 }, { signal });
  const records = new Map<string, ContainerRecord>();
  for (const uuid of uuids) records.set(uuid, await client.get(uuid, { signal }));
  const open = new Set(uuids.filter((uuid) => !isFinal(records.get(uuid)?.state ?? 'Queued')));
  const onLost = (): void => note('the connection was lost; trying again');
  if (open.size === 0) return [...records.values()];
  for await (const { uuid, state } of client.followEvents({ after: last }, { signal, onLost })) {
    if (!open.has(uuid) || !isFinal(state)) continue;
    records.set(uuid, await client.get(uuid, { signal }));
    open.delete(uuid);
    if (open.size === 0) break;
  }
  return [...records.values()];
}
