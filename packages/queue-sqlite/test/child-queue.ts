import { once } from 'node:events';
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Runs a program of this folder with the sources of all packages; whoever starts it ends it. */
export function startChild(program: string, ...parameters: string[]): ChildProcess {
  const path = fileURLToPath(new URL(program, import.meta.url));
  return spawn(process.execPath, ['--conditions=@drover/source', path, ...parameters], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}

/** Kills it as a power cut would, as far as a process is concerned, and waits until it is gone. */
export async function killHard(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
