import type { Target } from '@drover/spec';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A running server process. */
export interface BenchServer {
  readonly target: Target;
  stop(): Promise<void>;
}

/** Starts `server-process.ts`. */
export async function startBenchServer(): Promise<BenchServer> {
  const child = spawnNode('server-process.ts', []);
  const [line]: unknown[] = await once(createInterface({ input: child.stdout }), 'line');
  const [port = '', type = '', base64 = ''] = String(line).split(' ');
  return {
    target: { address: '127.0.0.1', port: Number(port), user: 'bench', pinnedKeys: [`${type} ${base64}`] },
    stop: async () => {
      const ended = once(child, 'exit');
      child.stdin.end();
      await ended;
    },
  };
}

/** Runs a file of this folder with the same Node and the same conditions as this process. */
export function spawnNode(file: string, args: readonly string[]) {
  const path = fileURLToPath(new URL(file, import.meta.url));
  return spawn(process.execPath, ['--expose-gc', '--conditions=@drover/source', path, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}
