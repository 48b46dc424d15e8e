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
  client.onOutcome({ replies, changed: false, lostEpoch: undefined });
}

test('requests of one tick go out together, in order', async () => {
  const { client, sent } = fakeClient();
  const calls = [client.call({ kind: 'last-event' }, options), client.call({ kind: 'counts' }, options)];
  expect(sent).toEqual([]);
  await Promise.resolve();
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
