import { execFile } from 'node:child_process';
import {
  chownSync,
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildAgent } from '../scripts/build-agent.ts';
import { agentNodeFlags } from '../src/node-flags.ts';
import { localHelperFile } from '../src/platform-helper.ts';

const run = promisify(execFile);

/** The checked-in helper for this machine. */
export const helperPath = fileURLToPath(new URL(`../native/bin/${localHelperFile()}`, import.meta.url));

/** These tests look at processes through /proc. Says on stderr where they are left out. */
export const onLinux = process.platform === 'linux';
if (!onLinux) process.stderr.write('SKIPPED: the tests of the runner with real processes run on Linux only\n');

export interface TestVmOptions {
  /** Of the agent's `serve`. */
  readonly flags?: readonly string[];
  /** Where its folder is made; default: the system's temporary folder. */
  readonly under?: string;
  /** Whom everything runs as; default: us. */
  readonly user?: number;
  /** Added to the agent's environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A state folder with a real agent, spawner and shims: what a VM is to the runner. */
export class TestVm {
  readonly stateFolder: string;
  readonly #folder: string;
  readonly #agent: string;
  readonly #options: TestVmOptions;

  private constructor(folder: string, options: TestVmOptions) {
    this.#folder = folder;
    this.stateFolder = `${folder}/state`;
    this.#agent = `${folder}/agent.mjs`;
    this.#options = options;
  }

  /** Bundles the agent from the sources and starts it. */
  static async start(options: TestVmOptions = {}): Promise<TestVm> {
    const vm = new TestVm(mkdtempSync(`${options.under ?? tmpdir()}/drover-vm-`), options);
    await buildAgent(vm.#agent);
    if (options.user !== undefined) chownSync(vm.#folder, options.user, options.user);
    await vm.ensureAgent();
    return vm;
  }

  /** The agent's bundle. */
  get agentPath(): string {
    return this.#agent;
  }

  get socketPath(): string {
    return `${this.stateFolder}/agent.sock`;
  }

  /** Starts the agent unless it answers. */
  async ensureAgent(flags: readonly string[] = this.#options.flags ?? []): Promise<void> {
    const { user, env } = this.#options;
    const agent = [process.execPath, ...agentNodeFlags, this.#agent, 'serve', this.stateFolder, helperPath, ...flags];
    await run(helperPath, ['ensure', this.stateFolder, ...agent], {
      env: { ...process.env, ...env },
      ...(user === undefined ? {} : { uid: user, gid: user }),
    });
  }

  /** One of the agent's commands; resolves with what it printed. */
  async command(...args: readonly string[]): Promise<string> {
    return (await run(process.execPath, [this.#agent, ...args])).stdout;
  }

  agentPid(): number {
    return this.#pid((words) => words.includes('serve'));
  }

  spawnerPid(): number {
    return this.#pid((words, name) => words.includes('spawner') && name !== 'drover-shim');
  }

  shimPids(): readonly number[] {
    return this.#processes()
      .filter(({ name }) => name === 'drover-shim')
      .map(({ pid }) => pid);
  }

  /** SIGKILL, and wait until the kernel has removed it. */
  async kill(pid: number): Promise<void> {
    process.kill(pid, 'SIGKILL');
    await until(() => !isAlive(pid));
  }

  /** Ends every process of this VM and removes its folder. */
  async dispose(): Promise<void> {
    for (const role of ['serve', 'spawner']) {
      for (const { pid, name, words } of this.#processes()) {
        if (words.includes(role) && name !== 'drover-shim') await this.kill(pid);
      }
    }
    for (const key of readdirSync(`${this.stateFolder}/runs`)) orderEnd(`${this.stateFolder}/runs/${key}/control`);
    await until(() => this.shimPids().length === 0);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #pid(fits: (words: readonly string[], name: string) => boolean): number {
    const found = this.#processes().find(({ words, name }) => fits(words, name));
    if (found === undefined) throw new Error('no such process');
    return found.pid;
  }

  /** Those that were started for this state folder; shims are forks of the spawner. The folder's name is unique. */
  #processes() {
    return processes().filter(({ words }) => words.includes(this.stateFolder));
  }
}

/** Waits for a condition, which must come about within 10 s. */
export async function until(condition: () => boolean, what = 'the condition'): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`${what} did not come about`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** False for a zombie without other threads, too: nothing of it runs or holds a file any more. */
export function isAlive(pid: number): boolean {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === '') return false;
  return !stat.slice(stat.lastIndexOf(')')).startsWith(') Z') || taskCount(pid) > 1;
}

function taskCount(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/task`).length;
  } catch {
    return 0;
  }
}

/** All processes whose command line is exactly this. */
export function pidsOf(command: readonly string[]): readonly number[] {
  return processes()
    .filter(({ pid, words }) => words.join('\0') === command.join('\0') && isAlive(pid))
    .map(({ pid }) => pid);
}

/** All processes that have this in their command line. */
export function pidsWith(text: string): readonly number[] {
  return processes()
    .filter(({ pid, words }) => words.some((word) => word.includes(text)) && isAlive(pid))
    .map(({ pid }) => pid);
}

/** The command lines of everything on this machine. */
export function commandLines(): readonly string[] {
  return processes().map(({ words }) => words.join(' '));
}

function processes() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({
      pid: Number(name),
      name: read(`/proc/${name}/comm`).trim(),
      words: read(`/proc/${name}/cmdline`).split('\0').slice(0, -1),
    }));
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function orderEnd(fifo: string): void {
  try {
    const fd = openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
    writeSync(fd, 'T');
    closeSync(fd);
  } catch {
    // No shim reads it: the run has ended.
  }
}
