import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';

/** moto's server at work. */
export interface Moto {
  readonly url: string;
  stop(): Promise<void>;
}

const startWithinMs = 120_000;

/** Starts moto's server on a free port of 127.0.0.1 and waits until it answers. It takes any credentials until it is told otherwise. */
export async function startMoto(python: string): Promise<Moto> {
  const port = await freePort();
  const child = spawn(join(dirname(python), 'moto_server'), ['-H', '127.0.0.1', '-p', `${port}`], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  const url = `http://127.0.0.1:${port}`;
  const deadline = performance.now() + startWithinMs;
  while (!(await answers(`${url}/moto-api/`))) {
    if (child.exitCode !== null || performance.now() > deadline) throw new Error('moto did not start');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return {
    url,
    stop: async () => {
      child.kill();
      await ended;
    },
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('no free port');
  return address.port;
}
