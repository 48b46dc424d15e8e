import type { Command } from 'commander';
import type { InstanceActionOptions } from '../commands/instances.ts';
import type { GlobalOptions } from '../connect/session.ts';
import { withDispatcher } from './leaf.ts';

const actions = [
  ['hold', 'keep instances as they are: no more work, no shutdown'],
  ['drain', 'give instances no more work and shut them down when empty'],
  ['run', 'take back hold or drain'],
  ['kill', 'shut instances down at once, whatever runs there'],
] as const;

/** `drover instances …` and `drover types …`. */
export function addFleetCommands(program: Command): void {
  const instances = program.command('instances').alias('i').description('see and steer VMs');
  withDispatcher(instances.command('list').description('list instances')).action(async (options: GlobalOptions) =>
    (await import('../commands/instances.ts')).listInstances(options),
  );
  withDispatcher(instances.command('show <id>').description('show one instance')).action(
    async (id: string, options: GlobalOptions) => (await import('../commands/instances.ts')).showInstance(id, options),
  );
  for (const [action, description] of actions) {
    const command = withDispatcher(instances.command(`${action} <id...>`).description(description))
      .option('--reason <text>', 'recorded with it')
      .action(async (ids: readonly string[], options: InstanceActionOptions) =>
        (await import('../commands/instances.ts')).actOnInstances(action, ids, options),
      );
    if (action === 'kill') command.option('-y, --yes', 'do not ask');
  }

  const types = program.command('types').description('see instance types');
  withDispatcher(types.command('list').description('list the configured types')).action(
    async (options: GlobalOptions) => (await import('../commands/types.ts')).listTypes(options),
  );
  withDispatcher(
    types.command('explain <file>').description('say which types fit a container, and why others do not'),
  ).action(async (file: string, options: GlobalOptions) =>
    (await import('../commands/types.ts')).explainTypes(file, options),
  );
}
