import { expect, test } from 'vitest';
import { systemClock } from './system-clock.ts';
import { systemRandom } from './system-random.ts';

test('a sleep that is aborted rejects with the reason, before and during', async () => {
  await expect(systemClock.sleep(60_000, { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before');
  const abort = new AbortController();
  const sleeping = systemClock.sleep(60_000, { signal: abort.signal });
  abort.abort(new Error('during'));
  await expect(sleeping).rejects.toThrow('during');
});

test('timers fire in order and a cancelled one never', async () => {
  const seen: string[] = [];
  systemClock.timer(0, () => seen.push('never'))();
  systemClock.timer(1, () => seen.push('never'))();
  await new Promise<void>((resolve) => {
    systemClock.timer(0, () => seen.push('now'));
    systemClock.timer(5, () => {
      seen.push('later');
      resolve();
    });
  });
  expect(seen).toEqual(['now', 'later']);
});

test('a delay beyond what timers hold does not fire at once', async () => {
  let fired = false;
  const cancel = systemClock.timer(1e12, () => {
    fired = true;
  });
  await systemClock.sleep(5);
  cancel();
  expect(fired).toBe(false);
});

test('random numbers lie in [0, 1) and secrets have the asked length', () => {
  for (let i = 0; i < 1000; i += 1) {
    const value = systemRandom.next();
    expect(value >= 0 && value < 1).toBe(true);
  }
  expect(systemRandom.hex(20)).toMatch(/^[0-9a-f]{40}$/);
});
