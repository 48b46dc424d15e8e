import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { joinWrites } from './join-writes.ts';

/** Two ends of a connection; what arrives at the second is kept. */
async function pair(): Promise<{ readonly near: Socket; readonly far: Socket; readonly arrived: () => string }> {
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const near = connect({ port, host: '127.0.0.1', noDelay: true });
  const far = await new Promise<Socket>((resolve) => server.once('connection', resolve));
  if (near.connecting) await once(near, 'connect');
  onTestFinished(() => {
    near.destroy();
    far.destroy();
    server.close();
  });
  let text = '';
  far.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return { near, far, arrived: () => text };
}

/** How many system calls the handle was given. */
function countCalls(socket: Socket): () => number {
  let calls = 0;
  for (const name of ['_write', '_writev'] as const) {
    const call: unknown = Reflect.get(socket, name);
    if (typeof call !== 'function') throw new Error(`a socket without ${name}`);
    Reflect.set(socket, name, (...args: unknown[]) => {
      calls += 1;
      Reflect.apply(call, socket, args);
    });
  }
  return () => calls;
}

test('the pieces of one turn are one system call, in order; those of another turn are another one', async () => {
  const { near, far, arrived } = await pair();
  const calls = countCalls(near);
  joinWrites(near);
  for (const piece of ['length ', 'content ', 'tag|']) near.write(piece);
  await Promise.resolve();
  near.write('later in the turn|');
  await new Promise((resolve) => setImmediate(resolve));
  expect(calls()).toBe(1);
  near.end('last');
  await once(far, 'end');
  expect([calls(), arrived()]).toEqual([2, 'length content tag|later in the turn|last']);
});

test('a peer that ends its side is no fault: Node gives the socket another write then', async () => {
  const { near, far } = await pair();
  joinWrites(near);
  near.on('error', () => undefined).resume();
  far.end();
  await once(near, 'close');
  expect(near.write('too late')).toBe(false);
});
