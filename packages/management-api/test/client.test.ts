import { once } from 'node:events';
import { createServer } from 'node:http';
import type { ContainerUuid, DroverError } from '@drover/spec';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApiError, createClient, type DroverClient } from '../src/client/index.ts';
import type { RunningApi } from '../src/index.ts';
import { type DispatcherDouble, smallType, token } from './dispatcher-double.ts';
import { codeOf, Servers } from './servers.ts';

describe('the client', () => {
  let servers: Servers;
  let dispatcher: DispatcherDouble;
  let client: DroverClient;
  let api: RunningApi;
  beforeEach(async () => {
    servers = new Servers();
    ({ dispatcher } = servers);
    api = await servers.listen();
    client = createClient({ url: api.url, token });
  });

  afterEach(async () => servers.close());

  async function submit(command: readonly string[] = ['true']): Promise<ContainerUuid> {
    const [uuid = ''] = await client.submit([{ command: [...command] }]);
    return uuid;
  }

  it('submits, lists, shows, explains and cancels', async () => {
    const uuid = await submit(['echo', 'hi']);
    expect(await client.get(uuid)).toEqual(dispatcher.database.record(uuid));
    expect((await client.list({ states: ['Queued'], limit: 10 })).items).toMatchObject([
      { uuid, command: ['echo', 'hi'] },
    ]);
    expect(await client.why(uuid)).toMatchObject({ code: 'waiting-for-lock' });
    await client.setPriority(uuid, 9, 'urgent');
    await client.cancel(uuid, 'no longer needed');
    expect(await client.get(uuid)).toMatchObject({ state: 'Cancelled', cancelReason: 'no longer needed' });
    expect((await client.events({ uuid })).items.map((event) => event.kind)).toContain('cancelled');
  });

  it('submits the text of a container file', async () => {
    const yaml = await client.submitText({ text: 'command: [a]\n---\ncommand: [b]', format: 'yaml' });
    const lines = await client.submitText({ text: '{"command":["c"]}', format: 'ndjson' }, { idempotencyKey: 'k' });
    expect(await client.submitText({ text: '{"command":["c"]}', format: 'ndjson' }, { idempotencyKey: 'k' })).toEqual(
      lines,
    );
    expect([...yaml, ...lines].map((uuid) => dispatcher.database.record(uuid).spec.command)).toEqual([
      ['a'],
      ['b'],
      ['c'],
    ]);
  });

  it('repeats what may be repeated when the queue is busy, and only that', async () => {
    dispatcher.database.faults.plan('busy', { operation: 'submit' });
    expect(await client.submit([{ command: ['a'] }], { idempotencyKey: 'k' })).toHaveLength(1);
    dispatcher.database.faults.plan('busy', { operation: 'submit' });
    expect(await codeOf(client.submit([{ command: ['a'] }]))).toBe('QUEUE_UNAVAILABLE');
  });

  it('reads the fleet', async () => {
    expect(await client.instances()).toEqual(dispatcher.instances);
    expect(await client.instance('i-1')).toEqual(dispatcher.instances[0]);
    expect(await client.types()).toEqual([smallType]);
    expect(await client.explainTypes({ command: ['a'] })).toEqual({ eligibleTypes: ['small'], rejections: [] });
    const text = await client.explainTypesText({ text: 'command: [a]\nresources: { vcpus: 9 }', format: 'yaml' });
    expect(text.eligibleTypes).toEqual([]);
    expect(await client.status()).toMatchObject({ version: '1.2.3', instances: { total: 2 } });
    await client.act('i-1', 'drain', 'old');
    expect(dispatcher.calls).toEqual(['drain i-1 old']);
  });

  it('follows events, and goes on where it was when the dispatcher comes back', async () => {
    const uuid = await submit();
    const lost: string[] = [];
    const options = { onLost: (error: DroverError) => lost.push(error.code) };
    const kinds: string[] = [];
    for await (const event of client.followEvents({ uuid }, options)) {
      kinds.push(event.kind);
      if (event.kind === 'submitted') {
        await api.close();
        const port = Number(new URL(api.url).port);
        await servers.listen({}, port);
        await dispatcher.start(uuid);
      }
      if (event.kind === 'started') break;
    }
    expect(kinds).toEqual(['submitted', 'locked', 'started']);
  });

  it('follows a log, and asks again for what a broken connection lost', async () => {
    const uuid = await submit();
    const generation = await dispatcher.start(uuid);
    await dispatcher.write(uuid, generation, 0, 'one\n');
    const lost: string[] = [];
    let text = '';
    const options = { onLost: (error: DroverError) => lost.push(error.code) };
    for await (const bytes of client.log(uuid, { stream: 'stdout', follow: true }, options)) {
      text += Buffer.from(bytes).toString();
      if (text === 'one\n') {
        await api.close();
        await servers.listen({}, Number(new URL(api.url).port));
        await dispatcher.write(uuid, generation, 4, 'two\n');
        await dispatcher.finish(uuid, generation);
      }
    }
    expect([text, lost.length > 0]).toEqual(['one\ntwo\n', true]);
    expect(Buffer.from(await client.logHead(uuid, { stream: 'stdout', maxBytes: 3 })).toString()).toBe('one');
  });

  it('comes back to a dispatcher also when nothing had happened yet, and misses nothing', async () => {
    const opened = Promise.withResolvers<void>();
    const second = await servers.listen({
      onStoreChange: (listener) => {
        opened.resolve();
        return dispatcher.database.onWake(listener);
      },
    });
    const lost: string[] = [];
    const events = createClient({ url: second.url, token }).followEvents({}, { onLost: ({ code }) => lost.push(code) });
    const first = events.next();
    await opened.promise;
    await second.close();
    await submit();
    await servers.listen({}, Number(new URL(second.url).port));
    expect((await first).value).toMatchObject({ kind: 'submitted', sequence: 1 });
    await events.return(undefined);
  });

  it('closes its connection when nobody listens any more', async () => {
    const limited = await servers.listen({ options: { maxStreams: 1 } });
    const one = createClient({ url: limited.url, token });
    const uuid = await submit();
    for await (const _ of one.followEvents({ uuid })) break;
    // The server notices the closed connection a moment later.
    await expect
      .poll(async () =>
        one
          .followEvents({ uuid })
          .next()
          .then(
            () => 'event',
            () => 'refused',
          ),
      )
      .toBe('event');
  });

  it('stops following when it is told to', async () => {
    const stop = new AbortController();
    const following = (async () => {
      for await (const _ of client.followEvents({}, { signal: stop.signal })) stop.abort(new Error('never'));
    })();
    stop.abort(new Error('enough'));
    await expect(following).rejects.toThrow('enough');
  });

  it('tells errors with their code, fix and problems', async () => {
    const error = await client
      .submitText({ text: 'command: []\nx: 1', format: 'yaml' })
      .catch((failed: unknown) => failed);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ code: 'CONTAINER_INVALID', status: 400, problems: [{ line: 1 }, { line: 2 }] });
    expect(await codeOf(client.get('drovr-dz642-nosuchcontainer'))).toBe('QUEUE_CONTAINER_NOT_FOUND');
    expect(await codeOf(createClient({ url: api.url, token: 'wrong' }).status())).toBe('API_FORBIDDEN');
    expect(await codeOf(createClient({ url: api.url }).status())).toBe('API_UNAUTHENTICATED');
  });

  it('says that nobody answers', async () => {
    await api.close();
    const error = await client.status().catch((failed: unknown) => failed);
    expect(error).toMatchObject({
      code: 'API_UNREACHABLE',
      message: `no dispatcher answers at ${api.url}: connection refused`,
    });
    const events = client.followEvents({})[Symbol.asyncIterator]();
    expect(await codeOf(events.next())).toBe('API_UNREACHABLE');
  });

  it('says that something else answers', async () => {
    const notFound = createClient({ url: `${api.url}/elsewhere/`, token });
    expect(await notFound.types()).toEqual([smallType]);
    const other = createServer((_request, response) => response.end('<html>hello</html>')).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    expect(await codeOf(createClient({ url: `http://127.0.0.1:${port}` }).status())).toBe('API_UNREACHABLE');
    other.close();
    other.closeAllConnections();
  });
});
