import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type InstanceLock, takeInstanceLock } from '@drover/queue-sqlite';
import { ConfigError, DroverError, type Random } from '@drover/spec';

/** Where a client on this machine finds the dispatcher. */
export interface Endpoint {
  readonly url: string;
  readonly token: string;
}

/** Of the files by which one dispatcher has the folder for itself. */
const lockName = 'dispatcher';

/**
 * The folder that holds what a dispatcher keeps between runs: its queue, key, token, id and loopback VMs. Mode 0700; secrets
 * in it 0600. Files are written whole or not at all.
 */
export class StateDirectory {
  readonly path: string;

  /** @throws ConfigError CONFIG_UNREADABLE when the folder cannot be made, or others could change what is in it. */
  constructor(path: string) {
    this.path = resolve(path);
    try {
      mkdirSync(this.path, { recursive: true, mode: 0o700 });
      if (this.#isOwn()) chmodSync(this.path, 0o700);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw unusable(
        `the state directory ${this.path} cannot be made: ${why}`,
        'choose another with stateDirectory',
        error,
      );
    }
    if ((statSync(this.path).mode & 0o022) === 0) return;
    const message = `the state directory ${this.path} holds other things too, and others may write there`;
    throw unusable(message, 'choose a folder of its own with stateDirectory, or take their right with chmod go-w');
  }

  /** A folder that somebody else fills keeps its mode: it may be one that others need. */
  #isOwn(): boolean {
    const names = readdirSync(this.path);
    return names.length === 0 || names.includes(`${lockName}.lock`);
  }

  file(name: string): string {
    return join(this.path, name);
  }

  /**
   * Takes the folder for this dispatcher alone, until it is released or the process ends: two that keep different queues must not
   * share VMs and keys either. @throws DroverError QUEUE_IN_USE
   */
  lock(): InstanceLock {
    try {
      return takeInstanceLock(this.file(lockName));
    } catch (error) {
      if (!DroverError.is(error) || error.code !== 'QUEUE_IN_USE') throw error;
      const who = this.read(`${lockName}.holder`)?.trim() ?? 'another dispatcher';
      throw new DroverError('QUEUE_IN_USE', `the state directory ${this.path} is in use by ${who}`, {
        fix: 'stop the other dispatcher, or give this one a stateDirectory of its own',
        cause: error,
      });
    }
  }

  /** The text kept under this name; made and kept when there is none yet. */
  keep(name: string, make: () => string): string {
    const kept = this.read(name);
    if (kept !== undefined && kept !== '') return kept;
    const made = make();
    this.write(name, made);
    return made;
  }

  /** A random token or id that stays the same from run to run. */
  keepRandom(name: string, random: Random, bytes: number): string {
    return this.keep(name, () => random.hex(bytes));
  }

  read(name: string): string | undefined {
    try {
      return readFileSync(this.file(name), 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }

  write(name: string, text: string): void {
    const path = this.file(name);
    const temporary = `${path}.${process.pid}.new`;
    writeFileSync(temporary, text, { mode: 0o600, flush: true });
    renameSync(temporary, path);
  }

  writeEndpoint(endpoint: Endpoint): void {
    this.write('endpoint.json', `${JSON.stringify(endpoint)}\n`);
  }

  removeEndpoint(): void {
    rmSync(this.file('endpoint.json'), { force: true });
  }
}

function unusable(message: string, fix: string, cause?: unknown): ConfigError {
  return new ConfigError([{ code: 'CONFIG_UNREADABLE', path: 'stateDirectory', message, fix }], { cause });
}
