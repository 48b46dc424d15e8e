import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { type RunnerHarness, testUuid, withRunner } from './runner-harness.ts';

/** What a run does, and what is told about its end. */
export function runnerRunTests(makeHarness: () => Promise<RunnerHarness>): void {
  const clean = { oom: false, timedOut: false, killed: false, preempted: false, unknown: false };

  test('exit codes are told as such, also those that look like signals', () =>
    withRunner(makeHarness, async ({ client, commands }) => {
      for (const [n, code] of [0, 1, 137, 143, 255].entries()) {
        const { result } = await client.run(commands.exit(code), { uuid: testUuid(n) });
        expect(result).toMatchObject({ ...clean, exitCode: code });
        expect(result).not.toHaveProperty('signal');
        expect(result.finishedAtMs).toBeGreaterThanOrEqual(result.startedAtMs);
      }
    }));

  test('a signal is told by its name, without an exit code', () =>
    withRunner(makeHarness, async ({ client, commands }) => {
      const { result } = await client.run(commands.killSelf);
      expect(result).toMatchObject({ ...clean, signal: 'SIGKILL' });
      expect(result).not.toHaveProperty('exitCode');
    }));

  test('what cannot be started says why', () =>
    withRunner(makeHarness, async ({ client, commands }) => {
      const { result } = await client.run(commands.missing);
      expect(result.startError).toContain(commands.missing[0]);
      expect(result).toMatchObject(clean);
      expect(result).not.toHaveProperty('exitCode');
      expect(client.events.map((event) => event.type)).toEqual(['finished']);
    }));

  test('short logs come with the end, whole; empty streams are left out', () =>
    withRunner(makeHarness, async ({ client, commands }) => {
      const { result, logs } = await client.run(commands.print('grüße\n', 'oh'));
      expect(logs.map((log) => [log.stream, Buffer.from(log.base64, 'base64').toString()])).toEqual([
        ['stdout', 'grüße\n'],
        ['stderr', 'oh'],
      ]);
      expect(result.logs).toEqual([
        { stream: 'stdout', sizeBytes: 8, droppedBytes: 0, sha256: sha256('grüße\n') },
        { stream: 'stderr', sizeBytes: 2, droppedBytes: 0, sha256: sha256('oh') },
      ]);
      const silent = await client.run(commands.exit(0), { uuid: testUuid(2) });
      expect(silent.logs).toEqual([]);
      expect(silent.result.logs).toContainEqual({ stream: 'stdout', sizeBytes: 0, droppedBytes: 0, sha256: '' });
    }));

  test('a long log is fetched by offset, from any channel', () =>
    withRunner(makeHarness, async ({ client, commands, connect }) => {
      const { result, logs } = await client.run(commands.flood(300_000));
      expect(logs).toEqual([]);
      const log = await (await connect()).log('stdout', 70_000);
      expect(log.length).toBe(300_000);
      expect(result.logs[0]).toMatchObject({ sizeBytes: 300_000, droppedBytes: 0, sha256: sha256(log) });
    }));

  test('of a log beyond its cap head and tail are kept and the rest is counted', () =>
    withRunner(makeHarness, async ({ client, commands }) => {
      const { result } = await client.run(commands.flood(50_001), { limits: { maxLogBytes: 10_000 } });
      expect(result.logs[0]).toMatchObject({ sizeBytes: 10_000, droppedBytes: 40_001 });
      const log = await client.log('stdout', 3_333);
      expect(sha256(log)).toBe(result.logs[0]?.sha256);
    }));

  test('a kill ends the run; a second kill, or one of a run that is not there, changes nothing', () =>
    withRunner(makeHarness, async ({ client, commands }) => {
      const kill = { type: 'kill', uuid: testUuid(1), generation: 1 };
      expect(await client.ask(kill)).toMatchObject({ type: 'ok' });
      await client.start(commands.hang);
      await client.started();
      expect(await client.ask(kill)).toMatchObject({ type: 'ok' });
      const { result } = await client.finished();
      expect(result).toMatchObject({ ...clean, killed: true, signal: 'SIGTERM' });
      expect(await client.ask(kill)).toMatchObject({ type: 'ok' });
    }));

  test('a kill that overtakes the start still ends the run', () =>
    withRunner(makeHarness, async ({ client, commands }) => {
      const started = client.start(commands.hang);
      const killed = client.ask({ type: 'kill', uuid: testUuid(1), generation: 1 });
      await Promise.all([started, killed]);
      expect((await client.finished()).result.killed).toBe(true);
    }));

  test('what ignores SIGTERM is killed after the grace', () =>
    withRunner(makeHarness, async ({ client, commands }) => {
      await client.start(commands.ignoreTerm);
      await client.started();
      for (;;) {
        const reply = await client.ask({
          type: 'logs',
          uuid: testUuid(1),
          generation: 1,
          stream: 'stdout',
          offset: 0,
          maxBytes: 100,
        });
        if (reply.type === 'logs' && reply.base64 !== '') break;
      }
      await client.ask({ type: 'kill', uuid: testUuid(1), generation: 1 });
      expect((await client.finished()).result).toMatchObject({ killed: true, signal: 'SIGKILL' });
    }));

  test('a run that takes longer than allowed is ended and says so', () =>
    withRunner(makeHarness, async ({ client, commands }) => {
      const { result } = await client.run(commands.hang, { limits: { maxRunTimeMs: 100 } });
      expect(result).toMatchObject({ ...clean, timedOut: true, signal: 'SIGTERM' });
    }));

  test('the list shows runs until they are acknowledged', () =>
    withRunner(makeHarness, async ({ client, commands }) => {
      await client.start(commands.hang, { uuid: testUuid(1), generation: 4 });
      await client.started(testUuid(1));
      const ended = await client.run(commands.exit(3), { uuid: testUuid(2) });
      const status = await client.list();
      expect(status.containers).toContainEqual(
        expect.objectContaining({ uuid: testUuid(1), generation: 4, state: 'running' }),
      );
      expect(status.containers).toContainEqual(
        expect.objectContaining({
          uuid: testUuid(2),
          generation: 1,
          state: 'finished',
          hash: ended.hash,
          result: ended.result,
        }),
      );
      await client.ask({ type: 'ack', uuid: testUuid(2), generation: 1, hash: ended.hash });
      expect((await client.list()).containers.map((container) => container.uuid)).toEqual([testUuid(1)]);
    }));
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
