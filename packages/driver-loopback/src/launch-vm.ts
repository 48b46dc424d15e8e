import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { userInfo } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isolate, reapOrphans } from './isolation.ts';
import { recordLeaderAndExec } from './process-identity.ts';
import { markerVariable, readyFd, vmFiles } from './vm/vm-files.ts';
import type { VmRecord } from './vm-record.ts';

/**
 * Keep a VM's own process small: the SSH server holds next to nothing. The young generation stays large enough that bulk
 * data does not collect it all the time.
 */
const nodeOptions = ['--max-old-space-size=96', '--max-semi-space-size=8', '--v8-pool-size=1', '--no-warnings'];

/** The command that is a VM, without the folder that is its last argument; the program lies beside this file. */
export function defaultVmCommand(): readonly string[] {
  const program = import.meta.url.endsWith('.ts') ? './vm/main.ts' : './vm/main.js';
  return [process.execPath, ...nodeOptions, fileURLToPath(new URL(program, import.meta.url))];
}

/** A VM that has been launched. */
export interface Launched {
  /** Resolves when the VM serves SSH, or has died before; never rejects. */
  readonly settled: Promise<void>;
}

/**
 * Starts the first process of a VM: a session of its own, no tie to this process but a pipe that it need not mind, and an
 * environment that has nothing of the dispatcher's. Resolves when the process exists; rejects with the system's error.
 */
export async function launchVm(record: VmRecord, folder: string, vmCommand: readonly string[]): Promise<Launched> {
  const vm = [...vmCommand, folder];
  const command = record.isolated ? [...isolate, '/bin/sh', '-c', reapOrphans, 'sh', ...vm] : vm;
  const log = openSync(join(folder, vmFiles.log), 'a', 0o600);
  try {
    const child = spawn('/bin/sh', ['-c', recordLeaderAndExec, 'sh', join(folder, vmFiles.leader), ...command], {
      cwd: folder,
      detached: true,
      env: vmEnvironment(record, folder),
      stdio: ['ignore', log, log, 'pipe'],
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.unref();
    const settled = new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      const ready = child.stdio[readyFd];
      if (!(ready instanceof Socket)) throw new TypeError('the pipe to the VM is no socket');
      ready.unref();
      ready.once('data', () => {
        ready.destroy();
        resolve();
      });
      ready.on('error', () => resolve());
    });
    return { settled };
  } finally {
    closeSync(log);
  }
}

function vmEnvironment(record: VmRecord, folder: string): NodeJS.ProcessEnv {
  const root = join(folder, vmFiles.root);
  // Runners on the VM need the Node that this dispatcher runs on.
  const path = [dirname(process.execPath), process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin'];
  return {
    PATH: path.join(delimiter),
    HOME: root,
    USER: userInfo().username,
    LOGNAME: userInfo().username,
    SHELL: '/bin/sh',
    LANG: process.env['LANG'] ?? 'C.UTF-8',
    DROVER_VM_ROOT: root,
    [markerVariable]: record.marker,
    UV_THREADPOOL_SIZE: '2',
  };
}
