import { expect, test } from 'vitest';
import {
  call,
  containerSpec,
  type QueueHarnessMaker,
  startNext,
  startRecord,
  submitOne,
  withQueue,
} from './queue-harness.ts';

const hardTexts: readonly (readonly [name: string, text: string])[] = [
  ['NUL bytes', 'a\0b\0'],
  ['quotes and SQL', `'; DROP TABLE containers; --"\\`],
  ['other scripts and emoji', 'žluťoučký 漢字 🚜'],
  ['half of a surrogate pair', 'x\ud83d y'],
  ['a line of a megabyte', 'm'.repeat(1_000_000)],
];

/** Submission, idempotency keys, and text that is hard to store. */
export function submitCases(make: QueueHarnessMaker): void {
  test('submitted containers are Queued in generation 0, in order, with UUIDs of their own', () =>
    withQueue(make, async ({ store, queue }) => {
      const specs = [1, 2, 3].map((n) => containerSpec({ name: `n${n}`, scheduling: { priority: n } }));
      const uuids = await store.submit(specs, call);
      expect(new Set(uuids).size).toBe(3);
      for (const uuid of uuids) expect(uuid).toMatch(/^[a-z0-9]{5}-dz642-[a-z0-9]{15}$/);
      const { entries, complete } = await queue.poll(undefined, call);
      expect(complete).toBe(true);
      const ordered = entries.toSorted((a, b) => a.sequence - b.sequence);
      expect(ordered.map((e) => [e.uuid, e.priority])).toEqual(uuids.map((uuid, i) => [uuid, i + 1]));
      expect(ordered[0]).toMatchObject({ state: 'Queued', generation: 0, infrastructureFailures: 0 });
      expect((await store.get(uuids[1] ?? '', call)).spec).toEqual(specs[1]);
      expect(await store.submit([], call)).toEqual([]);
    }));

  test('a key repeated with the same contents creates nothing, with others it conflicts', () =>
    withQueue(make, async ({ store }) => {
      const options = { ...call, idempotencyKey: 'once' };
      const spec = containerSpec({ env: { A: '1', B: '2' } });
      const first = await store.submit([spec, spec], options);
      const sameInOtherOrder = containerSpec({ env: { B: '2', A: '1' } });
      expect(await store.submit([sameInOtherOrder, spec], options)).toEqual(first);
      expect((await store.counts(call)).Queued).toBe(2);
      await expect(store.submit([spec], options)).rejects.toMatchObject({ code: 'API_CONFLICT' });
      expect(await store.submit([spec], { ...call, idempotencyKey: 'other' })).not.toEqual(first);
      expect((await store.counts(call)).Queued).toBe(3);
    }));

  test('the same key at the same moment creates once', () =>
    withQueue(make, async ({ store }) => {
      const options = { ...call, idempotencyKey: 'k' };
      const all = await Promise.all(Array.from({ length: 5 }, () => store.submit([containerSpec()], options)));
      expect(new Set(all.map(String)).size).toBe(1);
      expect((await store.counts(call)).Queued).toBe(1);
    }));

  test('text that is hard to store comes back unchanged', () =>
    withQueue(make, async (ports) => {
      for (const [, text] of hardTexts) {
        const spec = containerSpec({
          name: text,
          command: ['echo', text],
          env: { [text]: text },
          cwd: text,
          image: text,
        });
        const uuid = await submitOne(ports, spec);
        expect((await ports.store.get(uuid, call)).spec).toEqual(spec);
        expect((await ports.queue.lock(uuid, 0, call)).spec).toEqual(spec);
        const [summary] = await ports.store.list({}, call);
        expect(summary).toMatchObject({ name: text, command: ['echo', text] });
      }
    }));

  test('NUL bytes in reasons, ids and keys are kept and confuse nothing', () =>
    withQueue(make, async (ports) => {
      const uuid = await submitOne(ports);
      const [a = ''] = await ports.store.submit([containerSpec()], { ...call, idempotencyKey: 'k\0a' });
      const [b = ''] = await ports.store.submit([containerSpec()], { ...call, idempotencyKey: 'k\0b' });
      expect(a).not.toBe(b);
      const generation = await startNext(ports, uuid);
      await ports.queue.lost(uuid, generation, { reason: 'instance-lost', detail: 'gone\0for good' }, call);
      const { attempts } = await ports.store.get(uuid, call);
      expect(attempts[0]).toMatchObject({ detail: 'gone\0for good', instanceId: startRecord.instanceId });
    }));

  test('what no container has is not found by any call', () =>
    withQueue(make, async ({ queue, store }) => {
      const uuid = 'zzzzz-dz642-000000000000000';
      const calls = [
        queue.lock(uuid, 0, call),
        queue.fetch(uuid, call),
        queue.unlock(uuid, 1, '', call),
        queue.started(uuid, 1, startRecord, call),
        queue.lost(uuid, 1, { reason: 'instance-lost', detail: '' }, call),
        queue.cancel(uuid, 0, '', call),
        store.get(uuid, call),
        store.readLog(uuid, 'stdout', { offset: 0, maxBytes: 1 }, call),
        store.setPriority(uuid, 1, '', call),
        store.events(0, { ...call, uuid }),
        store.list({ after: uuid }, call),
      ];
      for (const outcome of await Promise.allSettled(calls))
        expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'QUEUE_CONTAINER_NOT_FOUND' } });
    }));
}
