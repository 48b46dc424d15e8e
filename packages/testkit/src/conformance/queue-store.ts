import { expect, test } from 'vitest';
import {
  call,
  containerSpec,
  place,
  type QueueHarnessMaker,
  runResult,
  startNext,
  startRecord,
  submitOne,
  withQueue,
} from './queue-harness.ts';

/** The users' side: lists, counts, history, priorities. */
export function storeCases(make: QueueHarnessMaker): void {
  test('lists newest first, by state, in pages', () =>
    withQueue(make, async (ports) => {
      const { store, queue } = ports;
      const specs = Array.from({ length: 7 }, (_, i) => containerSpec({ name: `c${i}` }));
      const uuids = await store.submit(specs, call);
      await queue.finished(
        uuids[2] ?? '',
        await startNext(ports, uuids[2] ?? ''),
        runResult({ exitCode: 4 }),
        [],
        call,
      );
      await queue.cancel(uuids[4] ?? '', 0, 'r', call);
      await startNext(ports, uuids[5] ?? '');
      const names = async (filter: Parameters<typeof store.list>[0]): Promise<string[]> =>
        (await store.list(filter, call)).map((c) => c.name ?? '');
      expect(await names({})).toEqual(['c6', 'c5', 'c4', 'c3', 'c2', 'c1', 'c0']);
      expect(await names({ limit: 2 })).toEqual(['c6', 'c5']);
      expect(await names({ limit: 2, after: uuids[5] ?? '' })).toEqual(['c4', 'c3']);
      expect(await names({ states: ['Queued'], limit: 3 })).toEqual(['c6', 'c3', 'c1']);
      expect(await names({ states: ['Complete', 'Cancelled', 'Running'] })).toEqual(['c5', 'c4', 'c2']);
      expect(await names({ states: ['Complete', 'Complete'], after: uuids[2] ?? '' })).toEqual([]);
      expect(await names({ states: [] })).toEqual([]);
      const [complete] = await store.list({ states: ['Complete'] }, call);
      expect(complete).toMatchObject({ exitCode: 4, startedAtMs: 1000, instanceId: 'i-1', command: ['echo', 'hello'] });
      expect(await store.counts(call)).toEqual({ Queued: 4, Locked: 0, Running: 1, Complete: 1, Cancelled: 1 });
    }));

  test('history is complete, ordered, resumable and can be of one container', () =>
    withQueue(make, async (ports) => {
      const { store, queue } = ports;
      const uuid = await submitOne(ports);
      const other = await submitOne(ports);
      await queue.lock(uuid, 0, call);
      await queue.unlock(uuid, 1, 'no room', call);
      await queue.finished(uuid, await startNext(ports, uuid), runResult({ exitCode: 2 }), [], call);
      const all = await store.events(0, call);
      expect(all.map((e) => e.sequence)).toEqual(all.map((_, i) => (all[0]?.sequence ?? 0) + i));
      expect(await store.lastEvent(call)).toBe(all.at(-1)?.sequence);
      const own = await store.events(0, { ...call, uuid });
      expect(own.map((e) => `${e.kind} ${e.state} ${e.generation}`)).toEqual([
        'submitted Queued 0',
        'locked Locked 1',
        'unlocked Queued 1',
        'locked Locked 2',
        'started Running 2',
        'finished Complete 2',
      ]);
      expect(own[2]?.detail).toBe('no room');
      expect(await store.events(all[2]?.sequence ?? 0, call)).toEqual(all.slice(3));
      expect(await store.events(0, { ...call, limit: 2 })).toEqual(all.slice(0, 2));
      expect(await store.events(0, { ...call, uuid: other })).toHaveLength(1);
    }));

  test('a record tells the whole story of each attempt', () =>
    withQueue(make, async (ports) => {
      const uuid = await submitOne(ports);
      const result = runResult({
        exitCode: 5,
        logs: [{ stream: 'stdout', sizeBytes: 3, droppedBytes: 0, sha256: 'ab' }],
      });
      await ports.queue.finished(uuid, await startNext(ports, uuid), result, [], call);
      const record = await ports.store.get(uuid, call);
      expect(record).toMatchObject({ state: 'Complete', priority: 500, result, instanceId: 'i-1' });
      expect(record.finishedAtMs).toBeGreaterThan(0);
      expect(record.attempts).toMatchObject([
        { ...startRecord, generation: 1, outcome: 'result', endedAtMs: 2000, result },
      ]);
      expect(record.cancelReason).toBeUndefined();
    }));

  priorityCases(make);
}

/** How a held container may end after priority 0 was asked for, and the state that this leads to. */
const heldEnds = [
  ['unlocked', 'Cancelled'],
  ['lost', 'Cancelled'],
  ['killed', 'Cancelled'],
  ['unknown', 'Cancelled'],
  ['failed with attempts left', 'Complete'],
  ['done', 'Complete'],
] as const;

function priorityCases(make: QueueHarnessMaker): void {
  test('priority 0 cancels what is Queued at once', () =>
    withQueue(make, async (ports) => {
      const uuid = await submitOne(ports);
      await ports.store.setPriority(uuid, 0, 'not needed', call);
      expect(await ports.store.get(uuid, call)).toMatchObject({ state: 'Cancelled', cancelReason: 'not needed' });
      await expect(ports.store.setPriority(uuid, 5, 'r', call)).rejects.toMatchObject({ code: 'API_CONFLICT' });
    }));

  test('priority 0 while held cancels once the workload is gone, however it goes', () =>
    withQueue(make, async (ports) => {
      for (const [end, state] of heldEnds) {
        const { queue, store } = ports;
        const uuid = await submitOne(ports, containerSpec({ retry: { attempts: 3, on: ['exit-code'] } }));
        await queue.lock(uuid, 0, call);
        if (end !== 'unlocked') await queue.started(uuid, 1, startRecord, call);
        const held = await place(ports, uuid);
        await store.setPriority(uuid, 0, 'stop it', call);
        expect(await place(ports, uuid)).toBe(held);
        expect((await queue.poll(undefined, call)).entries[0]).toMatchObject({ priority: 0 });
        if (end === 'unlocked') await queue.unlock(uuid, 1, 'r', call);
        else if (end === 'lost') await queue.lost(uuid, 1, { reason: 'instance-lost', detail: 'd' }, call);
        else {
          const result = { killed: end === 'killed', unknown: end === 'unknown', exitCode: end === 'done' ? 0 : 1 };
          await queue.finished(uuid, 1, runResult(result), [], call);
        }
        const record = await store.get(uuid, call);
        const expected = { end, state, cancelReason: state === 'Cancelled' ? 'stop it' : undefined };
        expect({ end, state: record.state, cancelReason: record.cancelReason }).toEqual(expected);
      }
    }));

  test('a priority that is raised again withdraws the wish to cancel', () =>
    withQueue(make, async (ports) => {
      const uuid = await submitOne(ports);
      const g = await startNext(ports, uuid);
      await ports.store.setPriority(uuid, 0, 'stop it', call);
      await ports.store.setPriority(uuid, 9, 'go on', call);
      await ports.queue.lost(uuid, g, { reason: 'instance-lost', detail: 'd' }, call);
      expect(await place(ports, uuid)).toBe('Queued 1');
      expect((await ports.store.get(uuid, call)).priority).toBe(9);
      await ports.queue.finished(uuid, await startNext(ports, uuid), runResult({ killed: true }), [], call);
      expect((await ports.store.get(uuid, call)).cancelReason).toBe('killed on request');
    }));

  test('what was submitted with priority 0 waits and cannot be locked', () =>
    withQueue(make, async (ports) => {
      const uuid = await submitOne(ports, containerSpec({ scheduling: { priority: 0 } }));
      await expect(ports.queue.lock(uuid, 0, call)).rejects.toMatchObject({ code: 'QUEUE_LOCK_CONFLICT' });
      await ports.store.setPriority(uuid, 3, 'now', call);
      expect((await ports.queue.lock(uuid, 0, call)).entry.priority).toBe(3);
    }));
}
