import { readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runnerStateFolder } from '@drover/runner';
import type { DispatchEvent, InstanceId, Observe } from '@drover/spec';

/**
 * Loopback VMs share this machine's files, so that the state of a VM's runner does not vanish with the VM: it is removed when the
 * VM is gone.
 */
export function removeRunnerStateOfGone(deployDirectory: string): Observe {
  return (event: DispatchEvent) => {
    if (event.type !== 'instance-gone') return;
    // What cannot be removed now is removed by the next start.
    rm(runnerStateFolder(deployDirectory, event.instanceId), { recursive: true, force: true }).catch(() => undefined);
  };
}

/** Removes what VMs left that were gone before this start. To be called before any VM is created. */
export async function sweepRunnerState(deployDirectory: string, present: readonly InstanceId[]): Promise<void> {
  const kept = new Set(present.map((id) => runnerStateFolder(deployDirectory, id)));
  const found = namesIn(deployDirectory)
    .filter((name) => name.startsWith('state-'))
    .map((name) => join(deployDirectory, name));
  await Promise.all(
    found.filter((folder) => !kept.has(folder)).map((folder) => rm(folder, { recursive: true, force: true })),
  );
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
