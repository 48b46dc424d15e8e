import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { DispatcherDouble, token } from './dispatcher-double.ts';
import { type CliOptions, type CliProcess, type CliResult, runCli, startCli } from './run-cli.ts';

/** Every step is a process of its own, and the machine may be busy. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** A dispatcher, a folder, and the command that finds the one from the other. */
export class CliSession {
  readonly dispatcher = new DispatcherDouble();
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async open(): Promise<CliSession> {
    const session = new CliSession(await mkdtemp(join(tmpdir(), 'drover-cli-')));
    await session.dispatcher.start();
    return session;
  }

  async close(): Promise<void> {
    await this.dispatcher.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  get env(): Record<string, string> {
    return { DROVER_URL: this.dispatcher.url, DROVER_TOKEN: token };
  }

  async run(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
    return runCli(args, { env: this.env, cwd: this.folder, ...options });
  }

  start(args: readonly string[]): CliProcess {
    return startCli(args, { env: this.env, cwd: this.folder });
  }

  /** Submits a command of the double's words and returns its UUID; it has ended by then, unless it hangs. */
  async submit(...command: readonly string[]): Promise<string> {
    const { stdout, stderr } = await this.run(['run', '-d', '--name', command[0] ?? '', '--', ...command]);
    if (stderr !== '') throw new Error(stderr);
    return stdout.trim();
  }
}

/** JSON text as data. */
export function parsed(text: string): unknown {
  return JSON.parse(text);
}

/** The lines of a text. */
export function linesOf(text: string): readonly string[] {
  return text.trimEnd().split('\n');
}
