import { expect, test } from 'vitest';
import {
  call,
  containerSpec,
  type QueueHarnessMaker,
  runResult,
  startNext,
  submitOne,
  withQueue,
} from './queue-harness.ts';

/** What the scheduler sees, and when it is woken. */
export function pollCases(make: QueueHarnessMaker): void {
  test('a cursor gives only what changed since, final containers too', () =>
    withQueue(make, async (ports) => {
      const { store, queue } = ports;
      const uuids = await store.submit(
        Array.from({ length: 20 }, () => containerSpec()),
        call,
      );
      const first = await queue.poll(undefined, call);
      expect(await queue.poll(first.cursor, call)).toMatchObject({ complete: false, entries: [] });
      const [locked = '', done = ''] = uuids;
      await queue.lock(locked, 0, call);
      await queue.finished(done, await startNext(ports, done), runResult(), [], call);
      const second = await queue.poll(first.cursor, call);
      expect(second.complete).toBe(false);
      expect(new Map(second.entries.map((e) => [e.uuid, e.state]))).toEqual(
        new Map([
          [locked, 'Locked'],
          [done, 'Complete'],
        ]),
      );
      expect((await queue.poll(second.cursor, call)).entries).toEqual([]);
      const whole = await queue.poll(undefined, call);
      expect(whole.entries.map((e) => e.uuid).toSorted()).toEqual(uuids.filter((u) => u !== done).toSorted());
    }));

  test('an unchanged container is the same object, a changed one is not', () =>
    withQueue(make, async ({ store, queue }) => {
      const [a = '', b = ''] = await store.submit([containerSpec(), containerSpec()], call);
      const before = new Map((await queue.poll(undefined, call)).entries.map((e) => [e.uuid, e]));
      const { entry } = await queue.lock(a, 0, call);
      const after = new Map((await queue.poll(undefined, call)).entries.map((e) => [e.uuid, e]));
      expect(after.get(b)).toBe(before.get(b));
      expect(after.get(a)).not.toBe(before.get(a));
      expect(after.get(a)).toBe(entry);
    }));

  test('a foreign cursor gives everything', () =>
    withQueue(make, async (ports) => {
      await submitOne(ports);
      for (const cursor of ['', 'nonsense', '-1', '1.5', '999999999', '99999999999999999999']) {
        const update = await ports.queue.poll(cursor, call);
        expect({ cursor, complete: update.complete, found: update.entries.length }).toEqual({
          cursor,
          complete: true,
          found: 1,
        });
      }
    }));

  test('an entry shows what the scheduler needs, and forgets the VM at the next lock', () =>
    withQueue(make, async (ports) => {
      const spec = containerSpec({ image: 'i:1', scheduling: { maxRunTimeMs: 5, preemptible: 'prefer' } });
      const uuid = await submitOne(ports, spec);
      const generation = await startNext(ports, uuid);
      const running = (await ports.queue.poll(undefined, call)).entries[0];
      expect(running).toMatchObject({
        uuid,
        state: 'Running',
        generation: 1,
        instanceId: 'i-1',
        image: 'i:1',
        resources: spec.resources,
        scheduling: spec.scheduling,
      });
      const lost = await ports.queue.lost(uuid, generation, { reason: 'instance-lost', detail: 'x' }, call);
      expect(lost).toMatchObject({ state: 'Queued', infrastructureFailures: 1 });
      const { entry } = await ports.queue.lock(uuid, generation, call);
      expect(entry.instanceId).toBeUndefined();
    }));

  test('changes wake listeners until they unsubscribe', () =>
    withQueue(make, async (ports) => {
      let wakes = 0;
      const stop = ports.queue.onWake(() => {
        wakes += 1;
      });
      const uuid = await submitOne(ports);
      expect(wakes).toBeGreaterThan(0);
      const afterSubmit = wakes;
      await ports.store.setPriority(uuid, 7, 'r', call);
      expect(wakes).toBeGreaterThan(afterSubmit);
      stop();
      const atStop = wakes;
      await ports.store.setPriority(uuid, 8, 'r', call);
      expect(wakes).toBe(atStop);
    }));

  test('a call that is aborted is reported as unavailable', () =>
    withQueue(make, async ({ queue }) => {
      const signal = AbortSignal.abort(new Error('enough'));
      await expect(queue.poll(undefined, { signal })).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
    }));
}
