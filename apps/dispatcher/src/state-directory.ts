import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type InstanceLock, takeInstanceLock } from '@drover/queue-sqlite';
import { ConfigError, DroverError, type Random } from '@drover/spec';

/** Where a client on this machine finds the dispatcher. */
export interface Endpoint {
  readonly url: string;
  readonly token: string;
}

/**
 * The folder that holds what a dispatcher keeps between runs: its queue, key, token, id and loopback VMs. Mode 0700; secrets
 * in it 0600. Files are written whole or not at all.
 */
export class StateDirectory {
  readonly path: string;

  /** @throws ConfigError CONFIG_UNREADABLE when the folder cannot be made. */
  constructor(path: string) {
    this.path = resolve(path);
    try {
      mkdirSync(this.path, { recursive: true, mode: 0o700 });
      chmodSync(this.path, 0o700);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const message = `the state directory ${this.path} cannot be made: ${why}`;
      throw new ConfigError(
        [{ code: 'CONFIG_UNREADABLE', path: 'stateDirectory', message, fix: 'choose another with stateDirectory' }],
        { cause: error },
      );
    }
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
      return takeInstanceLock(this.file('dispatcher'));
    } catch (error) {
      if (!DroverError.is(error) || error.code !== 'QUEUE_IN_USE') throw error;
      const who = this.read('dispatcher.holder')?.trim() ?? 'another dispatcher';
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
