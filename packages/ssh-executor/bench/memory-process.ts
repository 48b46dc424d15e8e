import { setTimeout as sleep } from 'node:timers/promises';
import { makeExecutors } from './make-executors.ts';

/**
 * Holds idle connections, in a process of its own, and writes what one of them costs: `<rss bytes> <heap bytes>`.
 * Arguments: address, port, pinned key, count. The first connections only warm up: code and key tables are paid once.
 */
const [address = '', port = '', key = '', count = '0'] = process.argv.slice(2);
const { signal } = new AbortController();

async function settled(): Promise<NodeJS.MemoryUsage> {
  for (let i = 0; i < 3; i += 1) {
    globalThis.gc?.();
    await sleep(100);
  }
  return process.memoryUsage();
}

const target = { address, port, user: 'bench', pinnedKeys: [key] };
const warmUp = makeExecutors(target, 100);
await Promise.all(warmUp.map((each) => each.connect({ signal })));
const before = await settled();
const executors = makeExecutors(target, Number(count));
// An idle connection in practice has run commands. A few at a time, as probes come.
const waiting = [...executors];
await Promise.all(
  Array.from({ length: 32 }, async () => {
    for (let each = waiting.pop(); each !== undefined; each = waiting.pop()) {
      await each.run({ command: 'true' }, { signal });
    }
  }),
);
const after = await settled();
const per = (bytes: (usage: NodeJS.MemoryUsage) => number): number => (bytes(after) - bytes(before)) / executors.length;
console.log(`${per((usage) => usage.rss)} ${per((usage) => usage.heapUsed + usage.external)}`);
process.exit(0);
