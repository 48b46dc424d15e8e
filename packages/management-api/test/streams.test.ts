import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SimulatedClock, settle } from '@drover/testkit';
import type { ContainerStore } from '@drover/spec';
import { serverSentEvents, type ServerSentEvent } from '../src/client/sse-parser.ts';
import { createApi } from '../src/index.ts';
import { DispatcherDouble } from './dispatcher-double.ts';
import { Requester } from './requester.ts';

const accept = { accept: 'text/event-stream' };
let dispatcher: DispatcherDouble;
let api: Requester;
const bodies: ReadableStream<Uint8Array>[] = [];

beforeEach(() => {
  dispatcher = new DispatcherDouble();
  api = new Requester(createApi(dispatcher.deps()));
});
afterEach(async () => {
  await Promise.all(bodies.splice(0).map(async (body) => (body.locked ? undefined : body.cancel())));
});

async function open(path: string, headers: Record<string, string> = accept): Promise<ReadableStream<Uint8Array>> {
  const response = await api.send('GET', path, undefined, headers);
  expect(response.status).toBe(200);
  if (response.body === null) throw new Error('the response has no body');
  bodies.push(response.body);
  return response.body;
}

/** Reads events until there are `count`, then lets go of the stream. */
async function take(body: ReadableStream<Uint8Array>, count: number): Promise<readonly ServerSentEvent[]> {
  const events: ServerSentEvent[] = [];
  for await (const event of serverSentEvents(body)) {
    events.push(event);
    if (events.length === count) break;
  }
  return events;
}

const kinds = (events: readonly ServerSentEvent[]): readonly string[] =>
  events.map(({ id, event }) => `${id} ${event}`);

describe('server-sent events', () => {
  it('bring the history of one container and then what happens', async () => {
    const uuid = await api.submit({ command: ['a'] });
    await api.submit({ command: ['other'] });
    const taken = take(await open(`/v1/containers/${uuid}/events`), 4);
    await dispatcher.finish(uuid, await dispatcher.start(uuid));
    const events = await taken;
    expect(kinds(events)).toEqual(['1 submitted', '3 locked', '4 started', '5 finished']);
    expect(JSON.parse(events[3]?.data ?? '')).toMatchObject({ uuid, kind: 'finished', state: 'Complete', sequence: 5 });
  });

  it('of all containers begin now', async () => {
    await api.submit({ command: ['before'] });
    const taken = take(await open('/v1/events'), 1);
    await api.submit({ command: ['after'] });
    expect(kinds(await taken)).toEqual(['2 submitted']);
  });

  it.each([
    ['Last-Event-ID', '/v1/events', { ...accept, 'last-event-id': '1' }],
    ['after', '/v1/events?after=1', accept],
    ['both: the header wins', '/v1/events?after=0', { ...accept, 'last-event-id': '1' }],
  ])('go on from %s', async (_name, path, headers) => {
    for (const command of ['a', 'b', 'c']) await api.submit({ command: [command] });
    expect(kinds(await take(await open(path, headers), 2))).toEqual(['2 submitted', '3 submitted']);
  });

  it('begin anew for a client that comes from a history that is gone', async () => {
    const uuid = await api.submit({ command: ['a'] });
    const headers = { ...accept, 'last-event-id': '5000' };
    expect(kinds(await take(await open(`/v1/containers/${uuid}/events`, headers), 1))).toEqual(['1 submitted']);
    const taken = take(await open('/v1/events', headers), 1);
    await api.submit({ command: ['b'] });
    expect(kinds(await taken)).toEqual(['2 submitted']);
  });

  it('come to many at once from one look at the store', async () => {
    let looks = 0;
    const { store } = dispatcher.connection;
    const events: ContainerStore['events'] = async (after, options) => {
      looks += 1;
      return store.events(after, options);
    };
    const counted = { ...store, events };
    api = new Requester(createApi(dispatcher.deps({ store: counted, options: { pollMs: 60_000 } })));
    const taken = [];
    for (let i = 0; i < 50; i += 1) taken.push(take(await open('/v1/events'), 1));
    await settle();
    looks = 0;
    await api.submit({ command: ['a'] });
    for (const got of await Promise.all(taken)) expect(kinds(got)).toEqual(['1 submitted']);
    expect(looks).toBeLessThan(10);
  });

  it('reach a reader that is far behind what is kept in memory', async () => {
    api = new Requester(createApi(dispatcher.deps({ options: { recentEvents: 2 } })));
    const tail = take(await open('/v1/events?after=0'), 30);
    for (let i = 0; i < 30; i += 1) await api.submit({ command: ['a'] });
    const expected = Array.from({ length: 30 }, (_, i) => `${i + 1} submitted`);
    expect(kinds(await tail)).toEqual(expected);
    expect(kinds(await take(await open('/v1/events?after=0'), 30))).toEqual(expected);
  });

  it('come even when the store’s wake-up was missed', async () => {
    const deps = { onStoreChange: () => () => undefined, options: { pollMs: 10 } };
    api = new Requester(createApi(dispatcher.deps(deps)));
    const taken = take(await open('/v1/events?after=0'), 1);
    await settle();
    await api.submit({ command: ['a'] });
    expect(kinds(await taken)).toEqual(['1 submitted']);
  });

  it('are a page of JSON for other clients', async () => {
    for (const command of ['a', 'b', 'c']) await api.submit({ command: [command] });
    expect(await api.json('GET', '/v1/events?after=1&limit=1')).toMatchObject({
      items: [{ sequence: 2 }],
      next: 2,
      last: 3,
    });
    expect(await api.json('GET', '/v1/events?after=3')).toMatchObject({ items: [], next: 3, last: 3 });
  });

  it('are refused beyond the limit of streams, which closed ones leave', async () => {
    api = new Requester(createApi(dispatcher.deps({ options: { maxStreams: 1 } })));
    const first = await open('/v1/events');
    const refused = await api.json('GET', '/v1/events', undefined, accept);
    expect(refused).toMatchObject({ httpStatus: 503, code: 'API_OVERLOADED' });
    await first.cancel();
    await open('/v1/events');
  });
});

describe('a stream over time', () => {
  const decoder = new TextDecoder();
  let clock: SimulatedClock;
  beforeEach(() => {
    clock = new SimulatedClock();
    dispatcher = new DispatcherDouble(clock);
    api = new Requester(createApi(dispatcher.deps({ clock })));
  });

  it('shows that it lives when nothing happens', async () => {
    const reader = (await open('/v1/events')).getReader();
    expect(decoder.decode((await reader.read()).value)).toBe('retry: 2000\n\n');
    const next = reader.read();
    await settle();
    await clock.advance(15_000);
    expect(decoder.decode((await next).value)).toBe(': still here\n\n');
    await reader.cancel();
  });

  it('drops a client that does not keep up, telling it where it was', async () => {
    await api.submit({ command: ['a'] });
    const reader = (await open('/v1/events?after=0')).getReader();
    await reader.read();
    expect(decoder.decode((await reader.read()).value)).toContain('event: submitted');
    await settle();
    await api.submit({ command: ['b'] });
    await settle();
    await clock.advance(100);
    await settle();
    await clock.advance(30_000);
    const rest: string[] = [];
    for (let step = await reader.read(); !step.done; step = await reader.read()) rest.push(decoder.decode(step.value));
    expect(rest.at(-1)).toBe(
      'event: dropped\ndata: {"message":"this client did not keep up; go on from lastEventId","lastEventId":2}\n\n',
    );
  });

  it('breaks a log off for such a client, so that it is not taken for whole', async () => {
    const uuid = await api.submit({ command: ['a'] });
    const generation = await dispatcher.start(uuid);
    await dispatcher.write(uuid, generation, 0, 'one');
    const reader = (await open(`/v1/containers/${uuid}/logs?follow=true`)).getReader();
    await settle();
    await clock.advance(30_000);
    await expect(reader.read()).rejects.toThrow('does not keep up');
  });
});

describe('logs', () => {
  const log = async (uuid: string, query = ''): Promise<string> =>
    (await api.send('GET', `/v1/containers/${uuid}/logs${query}`)).text();

  it('are read from an offset, in parts or whole', async () => {
    const uuid = await api.submit({ command: ['a'] });
    const generation = await dispatcher.start(uuid);
    await dispatcher.write(uuid, generation, 0, 'hello world');
    expect(await log(uuid)).toBe('hello world');
    expect(await log(uuid, '?offset=6')).toBe('world');
    expect(await log(uuid, '?stream=stderr')).toBe('');
    expect(await log(uuid, '?offset=100')).toBe('');
    const part = await api.send('GET', `/v1/containers/${uuid}/logs?maxBytes=5`);
    expect([await part.text(), part.headers.get('drover-next-offset'), part.headers.get('drover-generation')]).toEqual([
      'hello',
      '5',
      '1',
    ]);
  });

  it('are streamed in pieces when they are long', async () => {
    api = new Requester(createApi(dispatcher.deps({ options: { logPieceBytes: 1_000 } })));
    const uuid = await api.submit({ command: ['a'] });
    const text = 'x'.repeat(10_500);
    await dispatcher.write(uuid, await dispatcher.start(uuid), 0, text);
    expect(await log(uuid)).toBe(text);
  });

  it('are followed until the attempt has ended', async () => {
    const uuid = await api.submit({ command: ['a'] });
    const generation = await dispatcher.start(uuid);
    await dispatcher.write(uuid, generation, 0, 'one\n');
    const reader = (await open(`/v1/containers/${uuid}/logs?follow=true`, {})).getReader();
    const text = async (): Promise<string | undefined> => {
      const { value, done } = await reader.read();
      return done ? undefined : new TextDecoder().decode(value);
    };
    expect(await text()).toBe('one\n');
    const next = text();
    await dispatcher.write(uuid, generation, 4, 'two\n');
    expect(await next).toBe('two\n');
    await dispatcher.finish(uuid, generation);
    expect(await text()).toBeUndefined();
  });

  it.each(['', '?generation=2'])('are not there before the attempt%s', async (query) => {
    const uuid = await api.submit({ command: ['a'] });
    const answer = await api.json('GET', `/v1/containers/${uuid}/logs${query}`);
    expect(answer).toMatchObject({ httpStatus: 404, code: 'API_NOT_FOUND' });
  });
});
