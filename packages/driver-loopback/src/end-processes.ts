import { readdir, readFile } from 'node:fs/promises';
import { type Clock, TransientCloudError } from '@drover/spec';
import { loopbackTimes } from './loopback-options.ts';
import { identify, isAlive, type ProcessIdentity } from './process-identity.ts';
import { markerVariable } from './vm/vm-files.ts';

/** Processes read at once. */
const batchSize = 64;

/** The processes of one VM. */
export interface VmProcesses {
  readonly leader: ProcessIdentity | undefined;
  /** Value of the marker variable in the environment of all of them. */
  readonly marker: string;
  /** They live in a pid namespace of their own, which the leader waits for from outside. */
  readonly isolated: boolean;
}

/** Ends every process of a VM, frozen ones too, and returns when none is left. Throws TransientCloudError at its deadline. */
export async function endProcesses(vm: VmProcesses, clock: Clock): Promise<void> {
  const deadlineMs = clock.monotonicMs() + loopbackTimes.killDeadlineMs;
  const seen = new Map<number, ProcessIdentity>();
  for (let pauseMs = 2; ; pauseMs = Math.min(50, pauseMs * 2)) {
    for (const member of await findMarked((marker) => marker === vm.marker))
      seen.set(member.identity.pid, member.identity);
    const leaderPid = vm.leader !== undefined && isAlive(vm.leader) ? vm.leader.pid : undefined;
    for (const [pid, identity] of seen) if (!isAlive(identity)) seen.delete(pid);
    if (leaderPid === undefined && seen.size === 0) return;
    // The leader of a namespace goes last and by itself: its end proves that the kernel has ended everything inside.
    const others = [...seen.keys()].filter((pid) => !(vm.isolated && pid === leaderPid));
    for (const pid of others) killProcess(pid);
    if (others.length === 0 && leaderPid !== undefined) killProcess(leaderPid);
    if (clock.monotonicMs() > deadlineMs)
      throw new TransientCloudError(`loopback: processes ${[...seen.keys()].join(', ')} do not die`);
    await clock.sleep(pauseMs);
  }
}

/** A process that carries a marker. */
export interface MarkedProcess {
  readonly identity: ProcessIdentity;
  readonly marker: string;
}

/** Every process on this machine whose marker is wanted, as far as this user may look. */
export async function findMarked(wanted: (marker: string) => boolean): Promise<readonly MarkedProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found: MarkedProcess[] = [];
  for (let from = 0; from < pids.length; from += batchSize) {
    const batch = pids.slice(from, from + batchSize).map(async (pid) => {
      const marker = await readMarker(pid);
      const identity = marker !== undefined && wanted(marker) ? identify(Number(pid)) : undefined;
      if (marker !== undefined && identity !== undefined) found.push({ identity, marker });
    });
    await Promise.all(batch);
  }
  return found;
}

async function readMarker(pid: string): Promise<string | undefined> {
  let environment: string;
  try {
    environment = await readFile(`/proc/${pid}/environ`, 'latin1');
  } catch {
    // It has ended, or belongs to another user, and then it is none of ours.
    return undefined;
  }
  const start = `\0${environment}`.indexOf(`\0${markerVariable}=`);
  if (start < 0) return undefined;
  const value = environment.slice(start + markerVariable.length + 1);
  const end = value.indexOf('\0');
  return end < 0 ? value : value.slice(0, end);
}

/** SIGKILL, if there is still somebody to get it. */
export function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended in the meantime.
  }
}
