import type { ContainerSpec } from '@drover/spec';
import { expect, test } from 'vitest';
import { SeededRandom } from '../seeded-random.ts';
import { SimulatedClock } from '../simulated-clock.ts';
import { MemoryQueue } from './memory-queue.ts';
import type { MemoryQueueOptions } from './memory-queue-options.ts';

const spec: ContainerSpec = {
  command: ['true'],
  env: {},
  resources: { vcpus: 1, ramBytes: 1, cacheRamBytes: 0, scratchBytes: [], cacheDiskBytes: 0 },
  scheduling: { priority: 1, preemptible: false, supervisor: false },
  retry: { attempts: 1, on: [] },
};
const options = { signal: new AbortController().signal };

function memory(more: Partial<MemoryQueueOptions> = {}): {
  readonly database: MemoryQueue;
  readonly clock: SimulatedClock;
} {
  const clock = new SimulatedClock();
  return { database: new MemoryQueue({ clock, random: new SeededRandom(1), ...more }), clock };
}

test('a commit that is reported as unknown has taken effect, and its repeat succeeds', async () => {
  const { database } = memory();
  const { queue, store } = database.open();
  const [uuid = ''] = await store.submit([spec], options);
  database.faults.plan('commit-unknown', { operation: 'lock' });
  await expect(queue.lock(uuid, 0, options)).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE', overloaded: false });
  expect(database.record(uuid)).toMatchObject({ state: 'Locked', generation: 1 });
  expect((await queue.lock(uuid, 0, options)).entry.generation).toBe(1);
});

test.each(['busy', 'overloaded'] as const)('%s: nothing happened', async (fault) => {
  const { database } = memory();
  const { queue, store } = database.open();
  const [uuid = ''] = await store.submit([spec], options);
  database.faults.plan(fault);
  await expect(queue.lock(uuid, 0, options)).rejects.toMatchObject({ overloaded: fault === 'overloaded' });
  expect(database.record(uuid).state).toBe('Queued');
});

test('faults by chance are asked for once per call, after the planned ones', async () => {
  const asked: string[] = [];
  const { database } = memory({
    faults: (operation) => {
      asked.push(operation);
      return operation === 'poll' ? 'busy' : undefined;
    },
  });
  const { queue, store } = database.open();
  await store.submit([spec], options);
  await expect(queue.poll(undefined, options)).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
  expect(asked).toEqual(['submit', 'poll']);
});

test('a leader that loses the lead hears of it and may change nothing more', async () => {
  const { database } = memory();
  const { queue, store, state } = database.open();
  const [uuid = ''] = await store.submit([spec], options);
  const leadership = await state.lead(options);
  const heard: Error[] = [];
  leadership.onLost((why) => heard.push(why));
  await expect(database.open().state.lead(options)).rejects.toMatchObject({ code: 'QUEUE_IN_USE' });
  database.faults.plan('lost-leadership');
  await expect(queue.lock(uuid, 0, options)).rejects.toMatchObject({ code: 'QUEUE_IN_USE' });
  await expect(queue.lock(uuid, 0, options)).rejects.toMatchObject({ code: 'QUEUE_IN_USE' });
  expect(heard).toHaveLength(1);
  expect((await database.open().state.lead(options)).epoch).toBe(leadership.epoch + 1);
});

test('a lead that is lost while the answer is under way is told as lost to whoever listens then', async () => {
  const { database, clock } = memory({ latencyMs: () => 5 });
  const leading = database.open().state.lead(options);
  await clock.advance(7);
  database.loseLeadership();
  await clock.advance(7);
  const heard: Error[] = [];
  (await leading).onLost((why) => heard.push(why));
  expect(heard).toHaveLength(1);
});

test('an incarnation that dies between call and effect changes nothing and frees the lead', async () => {
  const { database, clock } = memory({ latencyMs: () => 5 });
  const first = database.open();
  const submitted = first.store.submit([spec], options);
  await clock.advance(10);
  const [uuid = ''] = await submitted;
  const locking = first.queue.lock(uuid, 0, options);
  first.close();
  const [outcome] = await Promise.allSettled([locking, clock.advance(10)]);
  expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'QUEUE_UNAVAILABLE' } });
  expect(database.record(uuid).state).toBe('Queued');
});

test('a call without an answer ends when it is aborted', async () => {
  const { database } = memory();
  const { store } = database.open();
  database.faults.plan('no-answer', { operation: 'submit' });
  const abort = new AbortController();
  const submitting = store.submit([spec], { signal: abort.signal });
  abort.abort();
  await expect(submitting).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
  expect(database.containers.events).toHaveLength(1);
});

test('after a crash nothing is answered, nothing wakes, and the next incarnation may lead', async () => {
  const { database, clock } = memory({ latencyMs: () => 5 });
  const first = database.open();
  let heard = 0;
  first.queue.onWake(() => {
    heard += 1;
  });
  const note = (): void => {
    heard += 1;
  };
  void first.state.lead(options).then(note, note);
  await clock.advance(10);
  expect(heard).toBe(1);
  void first.store.submit([spec], options).then(note, note);
  await clock.advance(6);
  expect(heard).toBe(2);
  first.crash();
  const second = database.open();
  const [led] = await Promise.all([
    second.state.lead(options),
    second.store.submit([spec], options),
    clock.advance(20),
  ]);
  expect(led.epoch).toBe(2);
  expect(heard).toBe(2);
  expect(database.containers.events).toHaveLength(2);
});
