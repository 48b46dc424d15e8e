import { expect, test } from 'vitest';
import { SeededRandom } from './seeded-random.ts';
import { SimulatedClock } from './simulated-clock.ts';

test('timers run in order of time, and of creation when equal', async () => {
  const clock = new SimulatedClock();
  const seen: string[] = [];
  clock.timer(20, () => seen.push(`c@${clock.monotonicMs()}`));
  clock.timer(10, () => seen.push(`a@${clock.monotonicMs()}`));
  clock.timer(10, () => seen.push(`b@${clock.monotonicMs()}`));
  await clock.advance(15);
  expect(seen).toEqual(['a@10', 'b@10']);
  expect(clock.monotonicMs()).toBe(15);
  await clock.advance(5);
  expect(seen).toEqual(['a@10', 'b@10', 'c@20']);
});

test('a cancelled timer does not run, wherever it is in the heap', async () => {
  const clock = new SimulatedClock();
  const seen: number[] = [];
  const cancels = Array.from({ length: 50 }, (_, i) => clock.timer((i * 37) % 50, () => seen.push((i * 37) % 50)));
  for (let i = 0; i < 50; i += 2) cancels[i]?.();
  await clock.advance(100);
  expect(seen).toHaveLength(25);
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
});

test('an aborted sleep rejects with the reason and leaves no timer', async () => {
  const clock = new SimulatedClock();
  const abort = new AbortController();
  const sleeping = clock.sleep(1000, { signal: abort.signal });
  abort.abort(new Error('enough'));
  await expect(sleeping).rejects.toThrow('enough');
  expect(clock.nextAtMs()).toBeUndefined();
});

test('a seed gives the same draws again; forks do not depend on what was drawn', () => {
  const draws = (r: SeededRandom): number[] => [r.next(), r.next(), r.next()];
  expect(draws(new SeededRandom(7))).toEqual(draws(new SeededRandom(7)));
  const a = new SeededRandom(7);
  a.next();
  expect(draws(a.fork('x'))).toEqual(draws(new SeededRandom(7).fork('x')));
  expect(draws(new SeededRandom(7).fork('x'))).not.toEqual(draws(new SeededRandom(7).fork('y')));
});
