import { settle, SimulatedClock } from '@drover/testkit';
import { expect, test } from 'vitest';
import { type Release, Semaphore } from './semaphore.ts';
import { SessionLimit } from './session-limit.ts';

const never = new AbortController().signal;

function make(): { readonly clock: SimulatedClock; readonly slots: Semaphore; readonly limit: SessionLimit } {
  const clock = new SimulatedClock();
  const slots = new Semaphore({ max: 6 });
  return { clock, slots, limit: new SessionLimit(slots, 6, clock) };
}

/** How many get a slot at once, beside those that are held. */
async function room(slots: Semaphore): Promise<number> {
  const held: Release[] = [];
  const abort = new AbortController();
  const enter = async (): Promise<void> => {
    held.push(await slots.acquire(abort.signal));
  };
  const tries = Array.from({ length: 10 }, enter);
  await settle();
  abort.abort();
  await Promise.allSettled(tries);
  for (const release of held) release();
  return held.length;
}

test('a refusal lowers the limit to the number that are open; it goes up again, one by one', async () => {
  const { clock, slots, limit } = make();
  const holders = await Promise.all(Array.from({ length: 3 }, () => slots.acquire(never)));
  expect(limit.refused()).toBe(true);
  for (const release of holders) release();
  const seen = [await room(slots)];
  for (let step = 0; step < 6; step += 1) {
    await clock.advance(200);
    seen.push(await room(slots));
  }
  expect(seen).toEqual([2, 3, 4, 5, 6, 6, 6]);
  expect(clock.nextAtMs()).toBeUndefined();
});

test('never below one, and a refusal never raises it', async () => {
  const { slots, limit } = make();
  const holders = await Promise.all(Array.from({ length: 6 }, () => slots.acquire(never)));
  const [first, ...others] = holders;
  for (const release of others) release();
  expect(limit.refused()).toBe(false);
  first?.();
  expect(await room(slots)).toBe(1);
});

test('a channel that stays open for good does not keep commands out for good', async () => {
  const { clock, slots, limit } = make();
  await slots.acquire(never);
  const refused = await slots.acquire(never);
  expect(limit.refused()).toBe(true);
  refused();
  expect(await room(slots)).toBe(0);
  await clock.advance(200);
  expect(await room(slots)).toBe(1);
});

test('stopped, it leaves no timer', async () => {
  const { clock, slots, limit } = make();
  await slots.acquire(never);
  limit.refused();
  limit.stop();
  expect(clock.nextAtMs()).toBeUndefined();
});
