import { spawn } from 'node:child_process';

/**
 * Puts a command into a pid namespace of its own: the end of its first process there, or of `unshare` outside, is the end
 * of everything in it, whatever sessions and groups it has made.
 */
export const isolate = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc', '--'] as const;

/**
 * Shell code for the first process of the namespace: runs its arguments, reaps whatever is orphaned meanwhile (Node would
 * leave zombies), and ends with them.
 */
export const reapOrphans = '"$@" & wait $!';

/** Whether the kernel lets this user make pid namespaces; tried once per process. */
export function canIsolate(): Promise<boolean> {
  tried ??= new Promise((resolve) => {
    const [program, ...options] = isolate;
    const child = spawn(program, [...options, 'true'], { stdio: 'ignore', timeout: 5_000, killSignal: 'SIGKILL' });
    child.on('error', () => resolve(false));
    child.on('exit', (code) => resolve(code === 0));
  });
  return tried;
}

let tried: Promise<boolean> | undefined;
