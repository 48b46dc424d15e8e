import * as fc from 'fast-check';
import { settle } from '@drover/testkit';
import { expect, test } from 'vitest';
import { type Release, Semaphore } from './semaphore.ts';

const never = new AbortController().signal;

test('at most max hold it; the others come in order of arrival, whatever the order of release', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 20 }),
      fc.infiniteStream(fc.nat()),
      async (max, count, picks) => {
        const semaphore = new Semaphore({ max });
        const granted: number[] = [];
        const holders: Release[] = [];
        const enter = async (who: number): Promise<void> => {
          holders.push(await semaphore.acquire(never));
          granted.push(who);
        };
        for (let i = 0; i < count; i += 1) {
          void enter(i);
        }
        await settle();
        while (holders.length > 0) {
          expect(semaphore.held).toBe(holders.length);
          expect(holders.length).toBeLessThanOrEqual(max);
          const [release] = holders.splice((picks.next().value ?? 0) % holders.length, 1);
          release?.();
          release?.();
          await settle();
        }
        expect(granted).toEqual(Array.from({ length: count }, (_, i) => i));
        expect([semaphore.held, semaphore.waiting]).toEqual([0, 0]);
      },
    ),
    { numRuns: 50 },
  );
});

test('more than may wait are refused', async () => {
  const semaphore = new Semaphore({ max: 1, maxWaiting: 1, full: () => new Error('full') });
  const release = await semaphore.acquire(never);
  const waiting = semaphore.acquire(never);
  await expect(semaphore.acquire(never)).rejects.toThrow('full');
  release();
  await expect(waiting).resolves.toBeTypeOf('function');
});

test('who gives up leaves the line; who has come too late never enters it', async () => {
  const semaphore = new Semaphore({ max: 1 });
  const release = await semaphore.acquire(never);
  const abort = new AbortController();
  const leaving = semaphore.acquire(abort.signal);
  const next = semaphore.acquire(never);
  abort.abort(new Error('gone'));
  await expect(leaving).rejects.toThrow('gone');
  await expect(semaphore.acquire(abort.signal)).rejects.toThrow('gone');
  release();
  await expect(next).resolves.toBeTypeOf('function');
  expect([semaphore.held, semaphore.waiting]).toEqual([1, 0]);
});

test('all who wait can be sent away; a lower limit takes effect as holders leave', async () => {
  const semaphore = new Semaphore({ max: 3 });
  const holders = await Promise.all([1, 2, 3].map(() => semaphore.acquire(never)));
  const waiting = semaphore.acquire(never);
  semaphore.rejectWaiting(new Error('lost'));
  await expect(waiting).rejects.toThrow('lost');
  semaphore.setMax(1);
  const next = semaphore.acquire(never);
  holders[0]?.();
  holders[1]?.();
  await settle();
  expect([semaphore.held, semaphore.waiting]).toEqual([1, 1]);
  holders[2]?.();
  await expect(next).resolves.toBeTypeOf('function');
});
