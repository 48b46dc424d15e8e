import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as z from 'zod';
import type { TestContext } from 'vitest';
import type { configSchema } from '../src/index.ts';
import {
  type DispatcherProcess,
  type LaunchedProcess,
  launchProcess,
  type Refusal,
  whenStarted,
} from './dispatcher-process.ts';
import { type FoundProcess, processesOf, signal } from './processes.ts';
import { untilTrue } from './until.ts';

/** A configuration as people write it. */
export type ConfigInput = z.input<typeof configSchema>;

/** A folder with everything of one dispatcher and its successors. Ends with its test, with all that runs in it. */
export class World {
  readonly root = mkdtempSync(join(tmpdir(), 'drover-e2e-'));
  readonly stateDirectory: string;
  /** Five letters that begin the UUID of every container of this world and of no other. */
  readonly cluster = `e${randomBytes(2).toString('hex')}`;
  readonly #config: Partial<ConfigInput>;
  #starts = 0;

  constructor({ onTestFinished }: TestContext, config: Partial<ConfigInput> = {}) {
    this.stateDirectory = config.stateDirectory ?? join(this.root, 'state');
    this.#config = config;
    onTestFinished(async ({ task }) => {
      if (task.result?.state === 'fail')
        console.error(`the last words of its dispatchers:\n${this.log().slice(-8000)}`);
      await this.#end();
    });
  }

  /** Starts a dispatcher; rejects when it refuses to start. */
  async start(changes: Partial<ConfigInput> = {}): Promise<DispatcherProcess> {
    return this.started(this.launch(changes));
  }

  /** The dispatcher once its API listens; rejects when it refuses to start. */
  async started(launched: LaunchedProcess): Promise<DispatcherProcess> {
    const started = await whenStarted(launched);
    if ('code' in started) throw new Error(`the dispatcher did not start: ${started.text}`);
    return started;
  }

  /** Starts a dispatcher that may refuse. */
  async tryStart(changes: Partial<ConfigInput> = {}): Promise<DispatcherProcess | Refusal> {
    return whenStarted(this.launch(changes));
  }

  /** Starts a dispatcher and does not wait for it. */
  launch(changes: Partial<ConfigInput> = {}): LaunchedProcess {
    this.#starts += 1;
    const path = join(this.root, `config-${this.#starts}.json`);
    const config: ConfigInput = {
      cluster: this.cluster,
      stateDirectory: this.stateDirectory,
      api: { port: 0 },
      instanceTypes: { small: { vcpus: 64, ram: '64GiB', price: 1 } },
      ...this.#config,
      ...changes,
      pool: { syncInterval: '1s', probeInterval: '1s', ...this.#config.pool, ...changes.pool },
    };
    writeFileSync(path, JSON.stringify(config));
    return launchProcess(path, this.#logPath);
  }

  /** What all its dispatchers have logged. */
  log(): string {
    return existsSync(this.#logPath) ? readFileSync(this.#logPath, 'utf8') : '';
  }

  /** A folder of this world. */
  folder(name: string): string {
    const path = join(this.root, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  /** Everything of this world that runs now: dispatchers, VMs, runners, containers and what they have started. */
  processes(): readonly FoundProcess[] {
    return processesOf([this.root, this.stateDirectory, `${this.cluster}-dz642-`]);
  }

  /** Folders of VMs that are there now. */
  vmFolders(): readonly string[] {
    const loopback = join(this.stateDirectory, 'loopback');
    if (!existsSync(loopback)) return [];
    return readdirSync(loopback).flatMap((set) =>
      readdirSync(join(loopback, set)).map((id) => join(loopback, set, id)),
    );
  }

  async #end(): Promise<void> {
    await untilTrue('everything that the test started has ended', () => {
      const left = this.processes();
      for (const { pid } of left) signal(pid);
      return left.length === 0;
    });
    rmSync(this.root, { recursive: true, force: true, maxRetries: 3 });
  }

  get #logPath(): string {
    return join(this.root, 'dispatcher.log');
  }
}
