import { DroverError, type Executor } from '@drover/spec';
import { SeededRandom } from '@drover/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeExecutor, clientKey } from './ssh2-harness.ts';
import { realClock } from '@drover/testkit/real-clock';
import { type SshTestServer, startSshTestServer } from './ssh-test-server.ts';

let server: SshTestServer;

beforeEach(async () => {
  server = await startSshTestServer(clientKey.publicKeyOpenSsh);
});

afterEach(() => server.close());

const results = { ok: 0, failed: 0 };

/** A command whose result is known; it may fail, but never lie and never hang. */
async function runOne(executor: Executor, i: number, random: SeededRandom): Promise<void> {
  const abort = new AbortController();
  const timeoutMs = random.next() < 0.2 ? 5 : 4_000;
  if (random.next() < 0.1) setTimeout(() => abort.abort(new Error('given up')), 10);
  try {
    const result = await executor.run({ command: `echo ${i}; exit ${i % 7}`, timeoutMs }, { signal: abort.signal });
    results.ok += 1;
    expect(result).toMatchObject({ stdout: `${i}\n`, exitCode: i % 7 });
  } catch (error) {
    if (!DroverError.is(error) && !(error instanceof Error && error.message === 'given up')) throw error;
    results.failed += 1;
  }
}

/** Lines that come back are a prefix of those that were sent. */
async function openOne(executor: Executor): Promise<void> {
  const channel = await executor
    .open({ command: 'cat' }, { signal: AbortSignal.timeout(4_000) })
    .catch(() => undefined);
  if (channel === undefined) return;
  const received: string[] = [];
  channel.onLine((line) => received.push(line));
  const end = new Promise<void>((resolve) => {
    channel.onClose(() => resolve());
  });
  let thrown: unknown;
  try {
    for (let i = 0; i < 20; i += 1) channel.send(String(i));
  } catch (error) {
    thrown = error;
  }
  expect(thrown === undefined || DroverError.is(thrown)).toBe(true);
  setTimeout(() => channel.close(), 50);
  await end;
  expect(received).toEqual(Array.from({ length: received.length }, (_, i) => String(i)));
}

test.each([1, 2, 3, 4])(
  'storm %i: whatever breaks, every call ends, results are true, nothing stays open',
  async (seed) => {
    const random = new SeededRandom(seed);
    const limits = { attemptGapMs: 5, failedAttemptGapMs: 20, unacknowledgedMs: 100 };
    const { executor } = makeExecutor({ clock: realClock, limits });
    const { signal } = new AbortController();
    const target = { address: '127.0.0.1', port: server.port, user: 'drover', pinnedKeys: [server.hostKey()] };
    executor.setTarget(target);
    server.behaviour.maxSessions = 1 + Math.floor(random.next() * 10);
    const calls: Promise<void>[] = [];
    for (let i = 0; i < 150; i += 1) {
      const draw = random.next();
      if (draw < 0.04) server.reset();
      else if (draw < 0.06) server.freeze();
      else if (draw < 0.1) executor.setTarget({ ...target, address: random.next() < 0.5 ? 'localhost' : '127.0.0.1' });
      else if (draw < 0.25) calls.push(openOne(executor));
      else calls.push(runOne(executor, i, random));
      if (random.next() < 0.3) await realClock.sleep(random.next() * 10);
    }
    await Promise.all(calls);
    // When all faults are over it works again.
    server.reset();
    await expect
      .poll(() => executor.run({ command: 'echo calm' }, { signal }).then((r) => r.stdout, String))
      .toBe('calm\n');
    await executor.close();
    await expect.poll(() => server.connections()).toBe(0);
  },
  30_000,
);

test('the storms had both good and bad weather', () => {
  expect(results.ok).toBeGreaterThan(50);
  expect(results.failed).toBeGreaterThan(20);
});
