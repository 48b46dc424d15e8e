import { expect, test } from 'vitest';
import { type RunnerHarness, testUuid, withRunner } from './runner-harness.ts';

/** Who may ask for what: versions, epochs, sessions, generations, drain, leases. */
export function runnerFencingTests(makeHarness: () => Promise<RunnerHarness>): void {
  test('before hello only what changes nothing is answered', () =>
    withRunner(makeHarness, async ({ connect, commands }) => {
      const stranger = await connect();
      expect((await stranger.list()).containers).toEqual([]);
      expect(await stranger.start(commands.exit(0))).toMatchObject({ type: 'refused', code: 'bad-request' });
      const kill = { type: 'kill', uuid: testUuid(1), generation: 1 };
      expect(await stranger.ask(kill)).toMatchObject({ type: 'refused', code: 'bad-request' });
      expect(await stranger.ask({ type: 'drain', on: true })).toMatchObject({ type: 'refused', code: 'bad-request' });
    }));

  test('another version of the protocol is refused', () =>
    withRunner(makeHarness, async ({ connect }) => {
      const leases = { acceptMs: 1000, deadManMs: 0 };
      const hello = { type: 'hello', version: 999, epoch: 9, session: 9, afterSequence: 0, leases };
      expect(await (await connect()).ask(hello)).toMatchObject({ type: 'refused', code: 'version' });
    }));

  test('a newer session or epoch ends the older ones, for good', () =>
    withRunner(makeHarness, async ({ client, connect, commands }) => {
      const second = await connect();
      expect(await second.hello(1, 2)).toMatchObject({ type: 'ok' });
      expect(await client.start(commands.exit(0))).toMatchObject({ type: 'refused', code: 'superseded' });
      const third = await connect();
      expect(await third.hello(2, 1)).toMatchObject({ type: 'ok' });
      expect(await second.ask({ type: 'renew' })).toMatchObject({ type: 'refused', code: 'superseded' });
      for (const [epoch, session] of [
        [1, 99],
        [2, 0],
      ] as const) {
        expect(await (await connect()).hello(epoch, session)).toMatchObject({ type: 'refused', code: 'superseded' });
      }
      expect(await third.start(commands.exit(0))).toMatchObject({ type: 'ok' });
    }));

  test('a second start of the same generation is one run; after its end it is refused', () =>
    withRunner(makeHarness, async ({ client, commands }) => {
      const replies = await Promise.all([client.start(commands.hang), client.start(commands.hang)]);
      expect(replies).toMatchObject([{ type: 'ok' }, { type: 'ok' }]);
      await client.started();
      expect(await client.start(commands.hang)).toMatchObject({ type: 'ok' });
      expect((await client.list()).containers.length).toBe(1);
      await client.ask({ type: 'kill', uuid: testUuid(1), generation: 1 });
      const { hash } = await client.finished();
      expect(await client.start(commands.hang)).toMatchObject({ type: 'refused', code: 'already-finished' });
      await client.ask({ type: 'ack', uuid: testUuid(1), generation: 1, hash });
      expect(await client.start(commands.hang)).toMatchObject({ type: 'refused', code: 'already-finished' });
      expect(client.events.filter((event) => event.type === 'started').length).toBe(1);
    }));

  test('a lower generation is refused, alive or not; a higher one only starts when the older is settled', () =>
    withRunner(makeHarness, async ({ client, commands }) => {
      await client.start(commands.hang, { generation: 5 });
      await client.started();
      expect(await client.start(commands.hang, { generation: 4 })).toMatchObject({ code: 'stale-generation' });
      const lower = { type: 'kill', uuid: testUuid(1), generation: 4 };
      expect(await client.ask(lower)).toMatchObject({ code: 'stale-generation' });
      expect(await client.start(commands.hang, { generation: 6 })).toMatchObject({ code: 'older-generation' });
      await client.ask({ type: 'kill', uuid: testUuid(1), generation: 5 });
      const { hash } = await client.finished();
      await client.ask({ type: 'ack', uuid: testUuid(1), generation: 5, hash });
      expect(await client.start(commands.hang, { generation: 4 })).toMatchObject({ code: 'stale-generation' });
      expect(await client.start(commands.exit(0), { generation: 6 })).toMatchObject({ type: 'ok' });
    }));

  test('a draining VM starts nothing until it is told otherwise; what runs goes on', () =>
    withRunner(makeHarness, async ({ client, commands }) => {
      await client.start(commands.hang);
      await client.started();
      expect(await client.ask({ type: 'drain', on: true })).toMatchObject({ type: 'ok' });
      expect(await client.start(commands.exit(0), { uuid: testUuid(2) })).toMatchObject({ code: 'draining' });
      expect(await client.list()).toMatchObject({ draining: true, containers: [{ state: 'running' }] });
      expect(await client.ask({ type: 'drain', on: false })).toMatchObject({ type: 'ok' });
      expect(await client.start(commands.exit(0), { uuid: testUuid(2) })).toMatchObject({ type: 'ok' });
    }));

  test('lines that make no sense are refused, and the channel goes on', () =>
    withRunner(makeHarness, async ({ client, commands }) => {
      const nonsense = [{ type: 'dance' }, { type: 'start', uuid: '../../etc', generation: 1 }, { type: 'ack' }];
      for (const request of nonsense) {
        expect(await client.ask(request)).toMatchObject({ type: 'refused', code: 'bad-request' });
      }
      expect(await client.start(commands.exit(0))).toMatchObject({ type: 'ok' });
    }));
}
