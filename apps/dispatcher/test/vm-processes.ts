import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FoundProcess, treeOf } from './processes.ts';
import { until } from './until.ts';
import type { World } from './world.ts';

/** What a process on a VM is to its runner. */
const roles = {
  /** The SSH server, which is the VM's own program. */
  server: ({ command }: FoundProcess) => /^\S*node .*\/vm\/main\.ts /.test(command),
  agent: ({ command }: FoundProcess) => /^\S*node .*agent\.mjs serve /.test(command),
  spawner: ({ name, command }: FoundProcess) => name !== 'drover-shim' && command.includes('drover-helper spawner '),
  shim: ({ name }: FoundProcess) => name === 'drover-shim',
} as const;

/** All processes of this role in the world, at this moment. */
export function allOf(world: World, role: keyof typeof roles): readonly FoundProcess[] {
  return world.processes().filter(roles[role]);
}

/** The one process of this role in the world, once there is one. */
export async function processOf(world: World, role: keyof typeof roles): Promise<FoundProcess> {
  return until(`there is one ${role}`, () => {
    const [found, ...others] = allOf(world, role);
    return others.length === 0 ? found : undefined;
  });
}

/** Every process of a VM, its first one first. */
export function vmProcesses(world: World, instanceId: string): readonly number[] {
  const folder = world.vmFolders().find((path) => path.endsWith(`/${instanceId}`));
  if (folder === undefined) throw new Error(`${instanceId} has no folder`);
  // A line with the boot id of the machine, then one as in /proc/<pid>/stat.
  const [, pid] = /^(\d+) \(/m.exec(readFileSync(join(folder, 'leader'), 'utf8')) ?? [];
  if (pid === undefined) throw new Error(`${instanceId} has no first process`);
  return treeOf(Number(pid));
}

/** The folder in which the one agent of the world keeps its state. */
export async function runnerState(world: World): Promise<string> {
  const { command } = await processOf(world, 'agent');
  const [, state] = / serve (\S+) /.exec(command) ?? [];
  if (state === undefined) throw new Error(`no state folder in ${command}`);
  return state;
}
