import { expect, test } from 'vitest';
import { type RunnerHarness, testUuid, withRunner } from './runner-harness.ts';

/** Events, their replay, acknowledgement, and the death of the agent. */
export function runnerEventTests(makeHarness: () => Promise<RunnerHarness>): void {
  test('events are numbered without gaps', () =>
    withRunner(makeHarness, async ({ client, commands }) => {
      for (const n of [1, 2, 3]) await client.run(commands.exit(0), { uuid: testUuid(n) });
      const numbers = client.events.map((event) => event.sequence);
      expect(numbers).toEqual(numbers.map((_, i) => (numbers[0] ?? 0) + i));
      expect((await client.list()).sequence).toBe(numbers.at(-1));
    }));

  test('a new channel gets what came after the number it names, and nothing that is settled', () =>
    withRunner(makeHarness, async ({ client, connect, commands }) => {
      const first = await client.run(commands.exit(1), { uuid: testUuid(1) });
      const second = await client.run(commands.exit(2), { uuid: testUuid(2) });
      const all = await connect();
      await all.hello(1, 2);
      await all.finished(testUuid(2));
      expect(all.events).toEqual(client.events);
      await all.ask({ type: 'ack', uuid: testUuid(1), generation: 1, hash: first.hash });
      const rest = await connect();
      await rest.hello(1, 3, { afterSequence: first.sequence });
      await rest.finished(testUuid(2));
      expect(rest.events.map((event) => event.sequence)).toEqual([first.sequence + 1, second.sequence]);
    }));

  test('only the hash of the stored result settles it; settling it twice is fine', () =>
    withRunner(makeHarness, async ({ client, commands }) => {
      const ack = { type: 'ack', uuid: testUuid(1), generation: 1 };
      expect(await client.ask({ ...ack, hash: 'x' })).toMatchObject({ type: 'refused', code: 'not-found' });
      const { hash } = await client.run(commands.print('a', 'b'));
      expect(await client.ask({ ...ack, hash: 'x' })).toMatchObject({ type: 'refused', code: 'hash-mismatch' });
      expect((await client.list()).containers[0]).toMatchObject({ state: 'finished', hash });
      expect(await client.ask({ ...ack, hash })).toMatchObject({ type: 'ok' });
      expect(await client.ask({ ...ack, hash })).toMatchObject({ type: 'ok' });
      const logs = { type: 'logs', uuid: testUuid(1), generation: 1, stream: 'stdout', offset: 0, maxBytes: 10 };
      expect(await client.ask(logs)).toMatchObject({ type: 'refused', code: 'not-found' });
      expect((await client.list()).containers).toEqual([]);
    }));

  test('the death of the agent loses nothing: runs, results, numbers, drain, session, generation', (context) =>
    withRunner(makeHarness, async ({ harness, client, connect, commands }) => {
      if (harness.replaceAgent === undefined) {
        context.skip('this harness cannot replace the agent');
        return;
      }
      await client.hello(3, 7);
      const ended = await client.run(commands.print('kept', ''), { uuid: testUuid(1) });
      await client.start(commands.hang, { uuid: testUuid(2), generation: 2 });
      await client.started(testUuid(2));
      const { sequence } = await client.list();
      await client.ask({ type: 'drain', on: true });
      await harness.replaceAgent();
      const next = await connect();
      expect(await next.hello(3, 6)).toMatchObject({ type: 'refused', code: 'superseded' });
      expect(await next.hello(3, 8)).toMatchObject({ type: 'ok' });
      expect(await next.list()).toMatchObject({ sequence, draining: true });
      expect(await next.finished(testUuid(1))).toEqual(ended);
      const again = { uuid: testUuid(2), generation: 1 };
      await next.ask({ type: 'drain', on: false });
      expect(await next.start(commands.hang, again)).toMatchObject({ code: 'stale-generation' });
      await next.ask({ type: 'kill', uuid: testUuid(2), generation: 2 });
      const killed = await next.finished(testUuid(2));
      expect(killed).toMatchObject({ sequence: sequence + 1, result: { killed: true, signal: 'SIGTERM' } });
    }));
}
