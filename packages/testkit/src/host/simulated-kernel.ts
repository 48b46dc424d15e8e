/** A process on a simulated VM. */
export interface Process {
  readonly pid: number;
  /** What started it, so that a process number that was given out again is not taken for the old process. */
  readonly startTime: number;
  /** What it works for; undefined: for no container. */
  readonly owner: { readonly uuid: string; readonly generation: number } | undefined;
  readonly parent: number;
  readonly onDeath: () => void;
}

/** Numbers below belong to the system. */
const firstPid = 100;
/** As many processes as an idle machine has. */
const systemProcesses = 40;

/**
 * What the kernel of a VM gives: process numbers that are given out again after a reboot, locks that are free the moment their
 * holder is dead, a boot id.
 */
export class SimulatedKernel {
  readonly #instanceId: string;
  readonly #processes = new Map<number, Process>();
  readonly #locks = new Map<string, number>();
  #boots = 1;
  #nextPid = firstPid;
  #spawned = 0;

  constructor(instanceId: string) {
    this.#instanceId = instanceId;
  }

  /** Another one after each reboot. */
  get bootId(): string {
    return this.#boots === 1 ? `boot ${this.#instanceId}` : `boot ${this.#instanceId} ${this.#boots}`;
  }

  /** Processes that work for containers, oldest first. */
  get workers(): readonly Process[] {
    return [...this.#processes.values()].filter((process) => process.owner !== undefined);
  }

  process(pid: number): Process | undefined {
    return this.#processes.get(pid);
  }

  /** Starts a process; `onDeath` is called when it is killed, not when its whole VM goes. */
  spawn(owner: Process['owner'], parent: number, onDeath: () => void): Process {
    this.#spawned += 1;
    const process = { pid: this.#nextPid, startTime: this.#spawned, owner, parent, onDeath };
    this.#nextPid += 1;
    this.#processes.set(process.pid, process);
    return process;
  }

  /** False: a live process holds it. */
  lock(name: string, pid: number): boolean {
    const holder = this.#locks.get(name);
    if (holder !== undefined && holder !== pid) return false;
    this.#locks.set(name, pid);
    return true;
  }

  isLocked(name: string): boolean {
    return this.#locks.has(name);
  }

  /** It has ended by itself: its locks are free, its children go on. */
  exit(pid: number): void {
    this.#processes.delete(pid);
    for (const [name, holder] of this.#locks) if (holder === pid) this.#locks.delete(name);
  }

  /** Kills it and everything below it. */
  kill(pid: number): void {
    const process = this.#processes.get(pid);
    if (process === undefined) return;
    for (const child of this.#processes.values()) if (child.parent === pid) this.kill(child.pid);
    this.exit(pid);
    process.onDeath();
  }

  /** Everything is dead at once; numbers begin anew, the system's own processes come up first. */
  reboot(): void {
    this.#processes.clear();
    this.#locks.clear();
    this.#boots += 1;
    this.#nextPid = firstPid;
    for (let i = 0; i < systemProcesses; i += 1) this.spawn(undefined, 1, () => undefined);
  }
}
