import type { Executor } from '@drover/spec';
import { makeExecutors } from './make-executors.ts';
import { atLeast, type Figure } from '@drover/testkit/figure';
import { startBenchServer } from './start-server.ts';

const { signal } = new AbortController();

/** Commands, messages and handshakes per second against a server in a process of its own. */
export async function measureSshThroughput(): Promise<readonly Figure[]> {
  const server = await startBenchServer();
  try {
    const [executor, ...others] = makeExecutors(server.target, 301);
    if (executor === undefined) throw new Error('no executor');
    await sequential(executor, 300);
    const results = [
      atLeast(1_000, 'SSH commands, one after the other', await perSecond(1_500, (n) => sequential(executor, n)), '/s'),
      atLeast(1_500, 'SSH commands, six at once', await perSecond(3_000, (n) => sixAtOnce(executor, n)), '/s'),
      atLeast(
        10_000,
        'messages there and back on one channel',
        await perSecond(100_000, (n) => echo(executor, n)),
        '/s',
      ),
      atLeast(
        1_000,
        'messages there and back, one at a time',
        await perSecond(5_000, (n) => pingPong(executor, n)),
        '/s',
      ),
      atLeast(300, 'SSH handshakes', await perSecond(others.length, () => connectAll(others)), '/s'),
    ];
    await Promise.all([executor, ...others].map((each) => each.close()));
    return results;
  } finally {
    await server.stop();
  }
}

async function perSecond(count: number, work: (count: number) => Promise<void>): Promise<number> {
  const startedMs = performance.now();
  await work(count);
  return (count / (performance.now() - startedMs)) * 1000;
}

async function sequential(executor: Executor, count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) await executor.run({ command: 'true' }, { signal });
}

async function sixAtOnce(executor: Executor, count: number): Promise<void> {
  await Promise.all(Array.from({ length: 6 }, () => sequential(executor, count / 6)));
}

const message = JSON.stringify({ type: 'start', uuid: 'zzzzz-dz642-0123456789abcde', generation: 1, epoch: 7 });

/** Sends as long as the channel takes it, a hundred per turn. */
async function echo(executor: Executor, count: number): Promise<void> {
  const channel = await executor.open({ command: 'cat' }, { signal });
  let sent = 0;
  const send = (): void => {
    for (let i = 0; i < 100 && sent < count; i += 1) {
      sent += 1;
      if (!channel.send(message)) return;
    }
    if (sent < count) setImmediate(send);
  };
  channel.onDrain(send);
  await new Promise<void>((resolve) => {
    let received = 0;
    channel.onLine(() => {
      received += 1;
      if (received === count) resolve();
    });
    send();
  });
  channel.close();
}

async function pingPong(executor: Executor, count: number): Promise<void> {
  const channel = await executor.open({ command: 'cat' }, { signal });
  await new Promise<void>((resolve) => {
    let received = 0;
    channel.onLine(() => {
      received += 1;
      if (received === count) resolve();
      else channel.send(message);
    });
    channel.send(message);
  });
  channel.close();
}

async function connectAll(executors: readonly Executor[]): Promise<void> {
  await Promise.all(executors.map((each) => each.connect({ signal })));
}
