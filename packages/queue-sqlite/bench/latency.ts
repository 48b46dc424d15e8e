import { call, log, record, result, spec, times, withBenchQueue } from './bench-queue.ts';
import { atMost, type Figure, quantile } from '@drover/testkit/figure';

const waiting = 10_000;
const count = 500;

/** How long one call takes until it is durable, with 10,000 containers waiting; about two seconds. */
export async function measureQueueLatency(): Promise<readonly Figure[]> {
  return withBenchQueue(waiting, async ({ queue, store }, uuids) => {
    const uuid = (i: number): string => uuids[i] ?? '';
    await times(100, () => store.submit([spec], call));
    const submit = await times(count, () => store.submit([spec], call));
    const lock = await times(count, (i) => queue.lock(uuid(i), 0, call));
    const started = await times(count, (i) => queue.started(uuid(i), 1, record, call));
    const half = count / 2;
    const small = await times(half, (i) => queue.finished(uuid(i), 1, result, log(100), call));
    const large = await times(half, (i) => queue.finished(uuid(half + i), 1, result, log(10_000), call));
    const whole = await times(3, () => queue.poll(undefined, call));
    let { cursor } = await queue.poll(undefined, call);
    const changed: number[] = [];
    for (let i = count; i < count + 100; i += 1) {
      await queue.lock(uuid(i), 0, call);
      const began = performance.now();
      ({ cursor } = await queue.poll(cursor, call));
      changed.push(performance.now() - began);
    }
    return [
      atMost(0.7, 'queue: submit, p50', quantile(submit, 0.5), 'ms'),
      atMost(10, 'queue: submit, p99', quantile(submit, 0.99), 'ms'),
      atMost(0.7, 'queue: lock, p50', quantile(lock, 0.5), 'ms'),
      atMost(10, 'queue: lock, p99', quantile(lock, 0.99), 'ms'),
      atMost(0.7, 'queue: started, p50', quantile(started, 0.5), 'ms'),
      atMost(0.8, 'queue: finished with a log of 100 bytes, p50', quantile(small, 0.5), 'ms'),
      atMost(3, 'queue: finished with a log of 10 kB, p50', quantile(large, 0.5), 'ms'),
      atMost(0.5, 'queue: poll of one change, p50', quantile(changed, 0.5), 'ms'),
      atMost(300, 'queue: poll of all 10,000, p50', quantile(whole, 0.5), 'ms'),
    ];
  });
}
