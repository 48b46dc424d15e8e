import { settle } from '@drover/testkit';
import { expect, test } from 'vitest';
import { createHandshakeLimiter } from './handshake-limiter.ts';
import type { Release } from './semaphore.ts';

const never = new AbortController().signal;

/** How many of these have been granted so far. */
function count(grants: readonly Promise<Release>[]): readonly Release[] {
  const granted: Release[] = [];
  const take = async (grant: Promise<Release>): Promise<void> => {
    granted.push(await grant);
  };
  for (const grant of grants) void take(grant);
  return granted;
}

test('at most 8 at one host, whatever happens at others; at most the total everywhere', async () => {
  const limiter = createHandshakeLimiter({ perHost: 8, total: 12 });
  const atA = count(Array.from({ length: 10 }, () => limiter.host('a:22', never)));
  const atB = count(Array.from({ length: 10 }, () => limiter.host('b:22', never)));
  const everywhere = count(Array.from({ length: 20 }, () => limiter.total(never)));
  await settle();
  expect([atA.length, atB.length, everywhere.length]).toEqual([8, 8, 12]);
  atA[0]?.();
  everywhere[0]?.();
  await settle();
  expect([atA.length, atB.length, everywhere.length]).toEqual([9, 8, 13]);
});

test('who gives up while waiting leaves no trace', async () => {
  const limiter = createHandshakeLimiter({ perHost: 1, total: 1 });
  const release = await limiter.host('a:22', never);
  const abort = new AbortController();
  const leaving = limiter.host('a:22', abort.signal);
  abort.abort(new Error('gone'));
  await expect(leaving).rejects.toThrow('gone');
  release();
  (await limiter.host('a:22', never))();
});
