import type { ConfigFile, RunningDispatcher } from '@drover/dispatcher';
import { goOnWithoutReader } from '../output/broken-pipe.ts';
import { commandName } from '../output/command-name.ts';
import { Exit, exitCodes } from '../output/exit-code.ts';
import { note, paint } from '../output/terminal.ts';
import { configFile } from './config-file.ts';

/** Flags of `dev` and `up`. */
export interface ServeOptions {
  readonly config?: string;
  readonly host?: string;
  readonly port?: number;
  readonly stateDirectory?: string;
  readonly logLevel?: string;
  /** On the way out: end all VMs first. */
  readonly drain?: boolean;
}

/** `drover up`: a dispatcher in this process, until it is told to stop. VMs and containers outlive it unless `--drain`. */
export async function up(options: ServeOptions): Promise<void> {
  const { loadCheckedConfig } = await import('@drover/dispatcher');
  const config = await loadCheckedConfig(configFile(options.config), process.env, flagsOf(options));
  await serve(config, { drain: options.drain ?? false });
}

/** `drover dev`: the same on this machine with nothing to configure; its VMs end with it. */
export async function dev(options: ServeOptions): Promise<void> {
  const { loadCheckedConfig } = await import('@drover/dispatcher');
  const config = await loadCheckedConfig(options.config, process.env, { ...devSettings(options), ...flagsOf(options) });
  await serve(config, { drain: options.drain ?? true, hints: true });
}

/**
 * What `dev` sets where no file is given: quiet, and VMs of this machine, whose list costs nothing, are looked at often, so that one
 * that has ended is noticed at once.
 */
export function devSettings(options: ServeOptions): Readonly<Record<string, unknown>> {
  return options.config === undefined ? { 'logs.level': 'warn', 'pool.syncInterval': '1s' } : {};
}

/** Flags as settings. */
export function flagsOf({ host, port, stateDirectory, logLevel }: ServeOptions): Readonly<Record<string, unknown>> {
  const settings = {
    'api.host': host,
    'api.port': port,
    stateDirectory,
    'logs.level': logLevel,
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

async function serve(
  config: ConfigFile,
  options: { readonly drain: boolean; readonly hints?: boolean },
): Promise<void> {
  const { runDispatcher } = await import('@drover/dispatcher');
  goOnWithoutReader();
  const dispatcher = await runDispatcher(config);
  note(`drover is ready at ${paint('bold', dispatcher.url, process.stderr)}`);
  if (options.hints === true) {
    note(`  try:  ${commandName} run --vcpus 1 --ram 256MiB -- sh -c 'echo hello from $(hostname)'`);
    note('  stop: Ctrl-C');
  }
  const why = await untilOver(dispatcher.ended);
  if (why === undefined) {
    await stopDispatcher(dispatcher, options.drain);
    return;
  }
  // It acts no more: another one may lead by now, and whoever watches this process may start it again.
  await dispatcher.stop({ drain: false });
  throw why;
}

/** Resolves when it is told to stop, or with the reason when the dispatcher has ended by itself. */
async function untilOver(ended: RunningDispatcher['ended']): Promise<Error | undefined> {
  const waiting = new AbortController();
  const told = stopSignal(waiting.signal).then(
    () => undefined,
    () => undefined,
  );
  try {
    return await Promise.race([told, ended]);
  } finally {
    waiting.abort();
  }
}

/** Stops it; a second Ctrl-C does not wait for VMs any longer. */
export async function stopDispatcher(dispatcher: RunningDispatcher, drain: boolean): Promise<void> {
  const before = dispatcher.left();
  if (drain) noteDrain(before);
  const hurry = new AbortController();
  void stopSignal(hurry.signal).then(
    () => hurry.abort(),
    () => undefined,
  );
  await dispatcher.stop({ drain, signal: hurry.signal });
  noteLeft(drain ? dispatcher.left() : before);
  if (hurry.signal.aborted) throw new Exit(exitCodes.interrupted);
  hurry.abort();
}

/** What goes on without a dispatcher, and how to get it back. */
function noteLeft({ instances, containers }: ReturnType<RunningDispatcher['left']>): void {
  if (instances === 0) {
    note('stopped; nothing is left running');
    return;
  }
  const work = containers === 0 ? '' : ` with ${counted(containers, 'running container')}`;
  note(`stopped; ${counted(instances, 'VM')}${work} left as ${instances === 1 ? 'it is' : 'they are'}`);
  note('  the next dispatcher with this state directory takes over; --drain ends VMs first');
}

function noteDrain({ instances, containers }: ReturnType<RunningDispatcher['left']>): void {
  if (instances === 0) return;
  const work =
    containers === 0
      ? ''
      : ` when ${counted(containers, 'container')} of theirs ${containers === 1 ? 'has' : 'have'} ended`;
  note(`shutting down ${counted(instances, 'VM')}${work} (Ctrl-C leaves them)`);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Resolves at Ctrl-C or SIGTERM. */
export async function stopSignal(signal?: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const off = (): void => {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    };
    const onSignal = (): void => {
      off();
      resolve();
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
    signal?.addEventListener('abort', () => {
      off();
      reject(new Error('no longer waited for'));
    });
  });
}
