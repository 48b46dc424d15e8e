import { randomUUID } from 'node:crypto';
import { type ContainerUuid, DroverError } from '@drover/spec';
import type { ContainerFile, DroverClient } from '@drover/management-api/client';
import { connect, type GlobalOptions } from '../connect/session.ts';
import { followContainer } from '../follow/follow-container.ts';
import { Interrupted, untilInterrupted } from '../follow/interrupt.ts';
import { outcomeText, passedExitCode } from '../follow/outcome.ts';
import { writeBytes } from '../follow/write-log.ts';
import { Exit, exitCodeOf, exitCodes } from '../output/exit-code.ts';
import { note, oneLine, out, paint } from '../output/terminal.ts';
import { WaitReporter } from './wait-reporter.ts';

export interface RunOptions extends GlobalOptions {
  readonly name?: string;
  readonly image?: string;
  readonly vcpus?: number;
  readonly ram?: string;
  readonly scratch?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly priority?: number;
  readonly preemptible?: boolean | 'prefer';
  readonly maxRunTime?: string;
  readonly type?: readonly string[];
  readonly maxPrice?: number;
  readonly attempts?: number;
  readonly detach?: boolean;
  readonly quiet?: boolean;
}

/** `drover run -- CMD…`: submits, follows the log, ends with the container's own exit code. */
export async function runContainer(command: readonly string[], options: RunOptions): Promise<void> {
  const container = containerOf(command, options);
  const exitCode = await guarded(async () => {
    const client = connect(options);
    await requireFit(client, container);
    const [uuid = ''] = await client.submit([container], { idempotencyKey: randomUUID() });
    if (options.detach === true) {
      out(isJson(options) ? JSON.stringify({ uuid }) : uuid);
      return exitCodes.ok;
    }
    return follow(client, uuid, options);
  });
  throw new Exit(exitCode);
}

/** A container from options; what they say is checked by the dispatcher. */
function containerOf(command: readonly string[], options: RunOptions): ContainerFile {
  const { name, image, cwd, env, vcpus, ram, scratch, priority, preemptible, maxRunTime, type, maxPrice, attempts } =
    options;
  return {
    ...defined({ name, image, cwd, env }),
    command: [...command],
    resources: defined({ vcpus, ram, scratch }),
    scheduling: defined({
      priority,
      preemptible,
      maxRunTime,
      maxPrice,
      instanceTypes: type === undefined ? undefined : [...type],
    }),
    retry: defined({ attempts }),
  };
}

/** Without the keys that have no value. */
function defined<T extends object>(value: T): { [Key in keyof T]?: Exclude<T[Key], undefined> };
function defined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined));
}

/** @throws DroverError CONTAINER_UNSATISFIABLE before anything is submitted that could never run. */
async function requireFit(client: DroverClient, container: ContainerFile): Promise<void> {
  const { eligibleTypes, rejections } = await client.explainTypes(container);
  if (eligibleTypes.length > 0) return;
  const reasons = rejections.map(({ instanceType, message }) => `${instanceType}: ${message}`);
  throw new DroverError(
    'CONTAINER_UNSATISFIABLE',
    ['no configured instance type can run this', ...reasons].join('\n'),
    {
      fix: 'ask for less, or configure a larger type; see: drover types list',
    },
  );
}

/**
 * Follows the log to the end. The first Ctrl-C detaches: the container goes on. The log is the payload, unless JSON was asked for: then
 * it goes to stderr and the record to stdout.
 */
async function follow(client: DroverClient, uuid: ContainerUuid, options: RunOptions): Promise<number> {
  const say =
    options.quiet === true ? (): void => undefined : (text: string): void => note(paint('dim', text, process.stderr));
  say(`drover: submitted ${uuid}`);
  try {
    const record = await untilInterrupted(async (signal) => {
      using waiting = new WaitReporter(client, uuid, say);
      return await followContainer(client, uuid, {
        signal,
        onEvent: (event) => waiting.event(event),
        onLog: async (stream, bytes) =>
          writeBytes(stream === 'stdout' && !isJson(options) ? process.stdout : process.stderr, bytes),
        onLost: () => note('drover: the connection was lost; trying again'),
      });
    });
    if (isJson(options)) out(JSON.stringify(record, undefined, options.output === 'json' ? 2 : undefined));
    if (record.result?.exitCode !== 0) say(`drover: ${oneLine(outcomeText(record) ?? record.state)}`);
    return passedExitCode(record);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    note(`\ndrover: detached; ${uuid} goes on`);
    note(`drover: follow it with "drover containers logs -f ${uuid}", end it with "drover containers cancel ${uuid}"`);
    return exitCodes.interrupted;
  }
}

function isJson({ output }: GlobalOptions): boolean {
  return output === 'json' || output === 'ndjson';
}

/** Whatever goes wrong on drover's side must not look like an exit code of the container. */
async function guarded(work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    const { printError } = await import('../output/print-error.ts');
    printError(error);
    const exitCode = exitCodeOf(error);
    return exitCode === exitCodes.error ? exitCodes.runFailed : exitCode;
  }
}
