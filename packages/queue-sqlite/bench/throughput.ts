import { call, log, record, result, withBenchQueue } from './bench-queue.ts';
import { atLeast, type Figure } from '@drover/testkit/figure';

/** Containers that go through the queue at once. */
const width = 200;

/** Lock, started and finished (with a short log) of 5,000 containers, 200 at once; about two seconds. */
export async function measureQueueThroughput(): Promise<readonly Figure[]> {
  return withBenchQueue(10_000, async ({ queue }, uuids) => {
    const line = uuids.slice(0, 5000).values();
    const began = performance.now();
    const lane = async (): Promise<void> => {
      for (const uuid of line) {
        await queue.lock(uuid, 0, call);
        await queue.started(uuid, 1, record, call);
        await queue.finished(uuid, 1, result, log(100), call);
      }
    };
    await Promise.all(Array.from({ length: width }, lane));
    const seconds = (performance.now() - began) / 1000;
    return [atLeast(5000, 'queue: transitions, 200 containers at once', 15_000 / seconds, '/s')];
  });
}
