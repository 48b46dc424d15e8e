import { SimulatedClock } from '@drover/testkit';
import { expect, test } from 'vitest';
import { Client } from './client.ts';
import type { Envelope } from './protocol.ts';
import { maxPendingBytes, maxPendingRequests } from './sqlite-options.ts';

const options = { signal: new AbortController().signal };

/** A client over a transport that only writes down what was sent. */
function fakeClient(): { readonly client: Client; readonly sent: (readonly Envelope[])[] } {
  const client = new Client(new SimulatedClock());
  const sent: (readonly Envelope[])[] = [];
  client.connect({
    send: (batch) => {
      sent.push(batch);
    },
    close: () => Promise.resolve(),
  });
  return { client, sent };
}

function answer(client: Client, ...ids: number[]): void {
  const replies = ids.map((id) => ({ id, reply: { kind: 'number', number: id } as const }));
  client.onOutcome({ replies, changedBy: 'nobody', lostEpoch: undefined });
}

/** Resolves when this turn of the event loop has ended. */
async function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

test('requests of one tick go out together, in order', async () => {
  const { client, sent } = fakeClient();
  const calls = [client.call({ kind: 'last-event' }, options), client.call({ kind: 'counts' }, options)];
  expect(sent).toEqual([]);
  await turn();
  expect(sent.map((batch) => batch.map((e) => e.request.kind))).toEqual([['last-event', 'counts']]);
  answer(client, 2, 1);
  expect(await Promise.all(calls)).toEqual([
    { kind: 'number', number: 1 },
    { kind: 'number', number: 2 },
  ]);
});

test('a call that is aborted on its way is unavailable at once; its late answer is dropped', async () => {
  const { client } = fakeClient();
  const abort = new AbortController();
  const waiting = client.call({ kind: 'counts' }, { signal: abort.signal });
  abort.abort(new Error('deadline'));
  await expect(waiting).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE', cause: { message: 'deadline' } });
  expect(() => answer(client, 1)).not.toThrow();
});

test('too many waiting calls are refused as overloaded, until some are answered', async () => {
  const { client } = fakeClient();
  const waiting = Array.from({ length: maxPendingRequests }, () => client.call({ kind: 'counts' }, options));
  await expect(client.call({ kind: 'counts' }, options)).rejects.toMatchObject({
    code: 'QUEUE_UNAVAILABLE',
    overloaded: true,
  });
  answer(client, 1);
  await waiting[0];
  const next = client.call({ kind: 'counts' }, options);
  answer(client, maxPendingRequests + 1);
  expect(await next).toMatchObject({ kind: 'number' });
});

test('too many waiting bytes are refused too, but one request alone never', async () => {
  const { client } = fakeClient();
  const log = (bytes: number): Promise<unknown> => {
    const chunk = { stream: 'stdout', offset: 0, bytes: new Uint8Array(bytes) } as const;
    return client.call({ kind: 'append-log', uuid: 'u', generation: 1, chunk }, options);
  };
  const first = log(maxPendingBytes + 1);
  await expect(log(1)).rejects.toMatchObject({ overloaded: true });
  answer(client, 1);
  await first;
  const next = log(1);
  answer(client, 2);
  expect(await next).toMatchObject({ kind: 'number' });
});

test('when the other side dies every call ends, later ones too, and the lead is lost', async () => {
  const { client } = fakeClient();
  const lost: string[] = [];
  client.onLeadLost(3, (why) => lost.push(why.message));
  const waiting = client.call({ kind: 'counts' }, options);
  client.onDeath(new Error('worker gone'));
  client.onDeath(new Error('again'));
  await expect(waiting).rejects.toThrow('worker gone');
  await expect(client.call({ kind: 'counts' }, options)).rejects.toThrow('worker gone');
  expect(lost).toEqual(['worker gone']);
});

test('what cannot be handed over fails its own batch and nothing else', async () => {
  const client = new Client(new SimulatedClock());
  client.connect({
    send: () => {
      throw new Error('cannot be cloned');
    },
    close: () => Promise.resolve(),
  });
  await expect(client.call({ kind: 'counts' }, options)).rejects.toMatchObject({
    code: 'QUEUE_UNAVAILABLE',
    cause: { message: 'cannot be cloned' },
  });
});

test('what follows from an answer within the same turn goes out together, however many promises lie between', async () => {
  const { client, sent } = fakeClient();
  const later = async (): Promise<void> => {
    for (let i = 0; i < 10; i += 1) await Promise.resolve();
    void client.call({ kind: 'counts' }, options);
  };
  void client.call({ kind: 'last-event' }, options);
  void later();
  await turn();
  expect(sent.map((batch) => batch.map((e) => e.request.kind))).toEqual([['last-event', 'counts']]);
});

test("a user's change wakes the scheduler at once; its own ones, that it knows of, together and later", async () => {
  const clock = new SimulatedClock();
  const client = new Client(clock);
  let [wakes, changes] = [0, 0];
  client.onWake(() => (wakes += 1));
  client.onChange(() => (changes += 1));
  const happen = (changedBy: 'nobody' | 'scheduler' | 'user'): void =>
    client.onOutcome({ replies: [], changedBy, lostEpoch: undefined });
  happen('user');
  happen('nobody');
  expect([wakes, changes]).toEqual([1, 1]);
  happen('scheduler');
  happen('scheduler');
  expect([wakes, changes]).toEqual([1, 3]);
  await clock.advance(1000);
  expect(wakes).toBe(2);
  happen('scheduler');
  happen('user');
  await clock.advance(1000);
  expect([wakes, changes]).toEqual([3, 5]);
});

test('nobody is woken any more, and no timer is left, once it is closed', async () => {
  const clock = new SimulatedClock();
  const client = new Client(clock);
  let wakes = 0;
  client.onWake(() => (wakes += 1));
  client.onOutcome({ replies: [], changedBy: 'scheduler', lostEpoch: undefined });
  await client.close();
  client.onOutcome({ replies: [], changedBy: 'scheduler', lostEpoch: undefined });
  await clock.advance(1000);
  expect([wakes, clock.nextAtMs()]).toEqual([0, undefined]);
});
