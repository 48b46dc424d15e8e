import { readFileSync } from 'node:fs';

/** A process that cannot be mistaken for a later one with the same pid: by its start time, and by the machine's boot. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks between the machine's boot and the start of the process. */
  readonly startTicks: string;
  readonly bootId: string;
}

/**
 * Shell code that writes the identity of the shell itself to the file `$1`, unless there is one, and then becomes the
 * rest of its arguments. So a VM has one first process, which is on record before it does anything.
 */
export const recordLeaderAndExec = `set -C
{ read -r boot < /proc/sys/kernel/random/boot_id && read -r stat < /proc/$$/stat && printf '%s\\n%s\\n' "$boot" "$stat" > "$1"; } || exit 75
shift
exec "$@"`;

/** Reads what `recordLeaderAndExec` wrote; undefined while it is not whole. */
export function parseLeader(text: string): ProcessIdentity | undefined {
  const [bootId, stat, end] = text.split('\n');
  if (bootId === undefined || stat === undefined || end === undefined) return undefined;
  const process = parseStat(stat);
  return process === undefined ? undefined : { pid: process.pid, startTicks: process.startTicks, bootId };
}

/** What `/proc/<pid>/stat` says; the name in it may hold blanks and brackets itself. */
export function parseStat(
  stat: string,
): { readonly pid: number; readonly state: string; readonly startTicks: string } | undefined {
  const pid = Number.parseInt(stat, 10);
  // From the third field on; proc_pid_stat(5) counts from 1: 3 is the state, 22 the start time.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  const startTicks = fields[22 - 3];
  if (Number.isNaN(pid) || state === undefined || startTicks === undefined) return undefined;
  return { pid, state, startTicks };
}

/** Whether this very process still runs. A zombie does not. */
export function isAlive(identity: ProcessIdentity): boolean {
  if (identity.bootId !== bootId()) return false;
  const process = readStat(identity.pid);
  return process !== undefined && process.startTicks === identity.startTicks && !'ZX'.includes(process.state);
}

/** The identity that this pid has at the moment; undefined when there is no such process or only its zombie. */
export function identify(pid: number): ProcessIdentity | undefined {
  const process = readStat(pid);
  if (process === undefined || 'ZX'.includes(process.state)) return undefined;
  return { pid, startTicks: process.startTicks, bootId: bootId() };
}

function readStat(pid: number): ReturnType<typeof parseStat> {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return undefined;
  }
}

let knownBootId: string | undefined;

function bootId(): string {
  knownBootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return knownBootId;
}
