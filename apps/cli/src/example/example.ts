import { type ContainerRecord, DroverError } from '@drover/spec';
import { formatDuration } from '@drover/management-api/units';
import { createClient, type DroverClient } from '@drover/management-api/client';
import { devSettings, flagsOf, type ServeOptions, stopDispatcher, stopSignal } from '../commands/serve.ts';
import { Interrupted, untilInterrupted } from '../follow/interrupt.ts';
import { commandName } from '../output/command-name.ts';
import { Exit, exitCodes } from '../output/exit-code.ts';
import { note, out, paint } from '../output/terminal.ts';
import { renderTable } from '../output/table.ts';
import { exampleBatch, type ExampleContainer } from './example-batch.ts';
import { BatchProgress } from './progress.ts';
import { type ExampleRow, resultColumns } from './result-columns.ts';

export interface ExampleOptions extends ServeOptions {
  /** Keep the dispatcher when the batch is done. */
  readonly serve?: boolean;
}

/** The batch takes seconds; whoever waits this long wants to know what is wrong. */
const patienceMs = 180_000;

/** `drover dev --example`: a dispatcher on this machine, a batch of real containers, and the result of every one. */
export async function runExample(options: ExampleOptions): Promise<void> {
  const { loadCheckedConfig, runDispatcher } = await import('@drover/dispatcher');
  // Any free port unless it stays: another dispatcher may have the usual one.
  const port = options.serve === true ? {} : { 'api.port': 0 };
  const config = await loadCheckedConfig(options.config, process.env, {
    ...devSettings(options),
    ...port,
    ...flagsOf(options),
  });
  note('starting a dispatcher on this machine …');
  const dispatcher = await runDispatcher(config);
  note(`it listens on ${paint('bold', dispatcher.url, process.stderr)}; submitting ${exampleBatch.length} containers`);
  const submittedMs = performance.now();
  try {
    const rows = await untilInterrupted(async (signal) => runBatch(createClient(dispatcher), signal));
    out(renderTable(rows, resultColumns, process.stdout.isTTY ? process.stdout.columns : undefined));
    const surprises = rows.filter((row) => !row.asExpected);
    const tookMs = performance.now() - submittedMs;
    note(
      surprises.length === 0
        ? summary(rows, tookMs)
        : `not as expected: ${surprises.map((row) => row.name).join(', ')}`,
    );
    if (surprises.length > 0) throw new Exit(exitCodes.error);
    if (options.serve === true) {
      note(`the dispatcher stays at ${dispatcher.url}; stop it with Ctrl-C`);
      await stopSignal();
    }
  } catch (error) {
    throw error instanceof Interrupted ? new Exit(exitCodes.interrupted) : tooSlow(error);
  } finally {
    await stopDispatcher(dispatcher, true);
  }
  note(`to keep a dispatcher: ${commandName} dev`);
}

/** Submits the batch, shows how it gets on, and gives its results in the order of the batch. */
async function runBatch(client: DroverClient, interrupted: AbortSignal): Promise<readonly ExampleRow[]> {
  const signal = AbortSignal.any([interrupted, AbortSignal.timeout(patienceMs)]);
  const { last } = await client.events({ limit: 1 }, { signal });
  const uuids = await client.submit(
    exampleBatch.map(({ container }) => container),
    { signal },
  );
  const names = new Map(uuids.map((uuid, index) => [uuid, exampleBatch[index]?.container.name ?? uuid]));
  {
    using progress = new BatchProgress(names);
    for await (const event of client.followEvents({ after: last }, { signal })) {
      progress.event(event);
      if (progress.open === 0) break;
    }
  }
  const rows = exampleBatch.map(async (example, index) => resultRow(client, example, uuids[index] ?? ''));
  return Promise.all(rows);
}

async function resultRow(client: DroverClient, example: ExampleContainer, uuid: string): Promise<ExampleRow> {
  const record = await client.get(uuid);
  const { result, instanceId } = record;
  const startedAtMs = result?.startedAtMs;
  return {
    name: example.container.name,
    state: record.state,
    exit: result?.signal ?? String(result?.exitCode ?? 'none'),
    isSuccess: result?.exitCode === 0,
    instanceId: instanceId ?? record.attempts.at(-1)?.instanceId,
    waitMs: startedAtMs === undefined ? undefined : startedAtMs - record.submittedAtMs,
    runMs: result === undefined ? undefined : result.finishedAtMs - result.startedAtMs,
    firstLine: await firstLine(client, record),
    asExpected: isAsExpected(example, record),
  };
}

/** Enough for the first line of any of them. */
const headBytes = 200;

async function firstLine(client: DroverClient, { uuid, attempts }: ContainerRecord): Promise<string> {
  if (attempts.length === 0) return '';
  for (const stream of ['stdout', 'stderr'] as const) {
    const bytes = await client.logHead(uuid, { stream, maxBytes: headBytes });
    const line = new TextDecoder().decode(bytes).split('\n')[0] ?? '';
    if (line !== '') return line;
  }
  return '';
}

function isAsExpected({ expected }: ExampleContainer, { state, result }: ContainerRecord): boolean {
  if (state !== 'Complete' || result === undefined) return false;
  return 'signal' in expected ? result.signal === expected.signal : result.exitCode === expected.exitCode;
}

function tooSlow(error: unknown): unknown {
  if (!(error instanceof Error) || error.name !== 'TimeoutError') return error;
  const waited = formatDuration(patienceMs);
  return new DroverError('INTERNAL', `the example did not end within ${waited}`, {
    fix: 'see what holds it up with: drover dev --log-level info',
    cause: error,
  });
}

function summary(rows: readonly ExampleRow[], tookMs: number): string {
  const failed = rows.filter((row) => !row.isSuccess).length;
  const vms = new Set(rows.map((row) => row.instanceId)).size;
  const work = `${rows.length} containers on ${vms} VM${vms === 1 ? '' : 's'} in ${formatDuration(tookMs)}`;
  return `${work}, all as expected (${failed} were made to fail)`;
}
