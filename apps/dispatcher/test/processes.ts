import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A process of this machine. */
export interface FoundProcess {
  readonly pid: number;
  /** Its own name for itself, at most 15 characters. */
  readonly name: string;
  /** Its arguments, joined by spaces. */
  readonly command: string;
  readonly environment: readonly string[];
}

/**
 * Every process that has one of these texts in its arguments, its environment or the path of its working directory. Zombies have
 * none of these any more and do not count.
 */
export function processesOf(texts: readonly string[]): readonly FoundProcess[] {
  const found: FoundProcess[] = [];
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    const command = read(pid, 'cmdline');
    const environment = read(pid, 'environ');
    const everything = `${command}\0${environment}\0${workingDirectory(pid)}`;
    if (!texts.some((text) => everything.includes(text))) continue;
    found.push({
      pid: Number(pid),
      name: read(pid, 'comm').trim(),
      command: command.replaceAll('\0', ' ').trim(),
      environment: environment.split('\0'),
    });
  }
  return found;
}

/** SIGKILL or another signal, if there is still somebody to get it. */
export function signal(pid: number, name: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended in the meantime.
  }
}

/** The process ids of all descendants of a process, itself included. */
export function treeOf(pid: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    // `pid (name) state ppid …`; the name may hold anything.
    const stat = read(name, 'stat');
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const tree = [pid];
  for (const each of tree) tree.push(...(children.get(each) ?? []));
  return tree;
}

function read(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}

function workingDirectory(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}
