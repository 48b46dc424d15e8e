import { type Command, Option } from 'commander';
import type { CancelOptions } from '../commands/containers-cancel.ts';
import type { EventsOptions } from '../commands/containers-events.ts';
import type { ListOptions } from '../commands/containers-list.ts';
import type { LogsOptions } from '../commands/containers-logs.ts';
import type { WaitOptions } from '../commands/containers-wait.ts';
import type { GlobalOptions } from '../connect/session.ts';
import { seconds, wholeNumber } from './argument-values.ts';
import { withDispatcher } from './leaf.ts';

/** `drover containers …`; every command loads its code when it runs. */
export function addContainerCommands(program: Command): void {
  const containers = program.command('containers').alias('c').description('see and steer containers');
  const states = ['Queued', 'Locked', 'Running', 'Complete', 'Cancelled'];

  withDispatcher(containers.command('list').description('list containers, newest first'))
    .addOption(new Option('--state <state...>', 'only these states').choices(states))
    .option('--limit <count>', 'at most this many (default 100)', wholeNumber)
    .option('--after <uuid>', 'continue after this one')
    .action(async (options: ListOptions) => (await import('../commands/containers-list.ts')).listContainers(options));

  withDispatcher(containers.command('show <uuid>').description('show everything recorded about a container')).action(
    async (uuid: string, options: GlobalOptions) =>
      (await import('../commands/containers-show.ts')).showContainer(uuid, options),
  );

  withDispatcher(containers.command('why <uuid>').description('say why a container waits, or how it ended')).action(
    async (uuid: string, options: GlobalOptions) =>
      (await import('../commands/containers-why.ts')).explainContainer(uuid, options),
  );

  withDispatcher(containers.command('logs <uuid>').description('print what a container wrote'))
    .option('-f, --follow', 'go on until it ends')
    .addOption(new Option('--stream <stream>', 'one stream only, to stdout').choices(['stdout', 'stderr']))
    .option('--attempt <number>', 'of this attempt (default: the last)', wholeNumber)
    .action(async (uuid: string, options: LogsOptions) =>
      (await import('../commands/containers-logs.ts')).showLogs(uuid, options),
    );

  withDispatcher(containers.command('events [uuid]').description('print the history of one container or of all'))
    .option('-f, --follow', 'go on with what happens')
    .option('--after <sequence>', 'only what came after this event', wholeNumber)
    .option('--limit <count>', 'at most this many (default 500)', wholeNumber)
    .action(async (uuid: string | undefined, options: EventsOptions) =>
      (await import('../commands/containers-events.ts')).showEvents(uuid, options),
    );

  withDispatcher(
    containers.command('wait <uuid...>').description('wait until containers have ended; 0 when all went well'),
  )
    .option('--timeout <duration>', 'give up after this, e.g. 10m', seconds)
    .action(async (uuids: readonly string[], options: WaitOptions) =>
      (await import('../commands/containers-wait.ts')).waitForContainers(uuids, options),
    );

  withDispatcher(containers.command('cancel <uuid...>').description('cancel containers'))
    .option('--reason <text>', 'recorded in the history')
    .option('-y, --yes', 'do not ask')
    .action(async (uuids: readonly string[], options: CancelOptions) =>
      (await import('../commands/containers-cancel.ts')).cancelContainers(uuids, options),
    );

  withDispatcher(containers.command('priority <uuid>').description('change the priority of a container'))
    .argument('<priority>', '1 to 1000, higher first', wholeNumber)
    .option('--reason <text>', 'recorded in the history')
    .action(async (uuid: string, priority: number, options: CancelOptions) =>
      (await import('../commands/containers-cancel.ts')).setPriority(uuid, priority, options),
    );
}
