import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ContainerUuid, DroverError } from '@drover/spec';
import { ApiError, createClient, type DroverClient } from '../src/client/index.ts';
import { type ApiDeps, createApi, type RunningApi } from '../src/index.ts';
import { DispatcherDouble, smallType, token } from './dispatcher-double.ts';

let dispatcher: DispatcherDouble;
const running: RunningApi[] = [];

async function listen(overrides: Partial<ApiDeps> = {}, port = 0): Promise<RunningApi> {
  const api = await createApi(dispatcher.deps(overrides)).listen({ port });
  running.push(api);
  return api;
}

beforeEach(() => {
  dispatcher = new DispatcherDouble();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((api) => api.close()));
});

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no error',
    (error: unknown) => (DroverError.is(error) ? error.code : String(error)),
  );
}

describe('listening', () => {
  it('is on this machine alone unless told otherwise', async () => {
    expect((await listen()).url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it('says clearly that the port is in use', async () => {
    const port = Number(new URL((await listen()).url).port);
    const error = await createApi(dispatcher.deps())
      .listen({ port })
      .catch((failed: unknown) => failed);
    expect(error).toMatchObject({ code: 'API_PORT_IN_USE', message: `127.0.0.1:${port} is in use` });
  });

  it.each(['0.0.0.0', '::', '10.1.2.3', 'example.org'])('refuses %s without a token', async (host) => {
    const api = createApi(dispatcher.deps({ tokens: [] }));
    expect(await codeOf(api.listen({ host, port: 0 }))).toBe('API_TOKEN_REQUIRED');
  });

  it('says that an address is not its own', async () => {
    expect(await codeOf(createApi(dispatcher.deps()).listen({ host: '192.0.2.1', port: 0 }))).toBe('CONFIG_INVALID');
  });

  it('ends streams and frees the port when it closes', async () => {
    const api = await listen();
    const response = await fetch(`${api.url}/v1/events`, {
      headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' },
    });
    await api.close();
    expect(await response.text()).toContain('event: closing');
    await listen({}, Number(new URL(api.url).port));
  });

  it('answers a body that is too large, declared or not, without taking it in', async () => {
    const api = await listen({ options: { maxBodyBytes: 1_000 } });
    const headers = { authorization: `Bearer ${token}` };
    let pieces = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pieces += 1;
        controller.enqueue(new Uint8Array(65_536));
      },
    });
    const path = `${api.url}/v1/containers`;
    const declared = await fetch(path, { method: 'POST', headers, body: 'x'.repeat(10_000_000) });
    const undeclared = await fetch(path, { method: 'POST', headers, body: endless, duplex: 'half' });
    expect([declared.status, undeclared.status]).toEqual([413, 413]);
    expect(pieces).toBeLessThan(1_000);
  });

  it('survives clients that talk nonsense or go away', async () => {
    const api = await listen();
    const port = Number(new URL(api.url).port);
    const nonsense = connect(port, '127.0.0.1').resume();
    nonsense.end('NONSENSE\r\n\r\n');
    await once(nonsense, 'close');
    const gone = connect(port, '127.0.0.1');
    gone.write(
      `POST /v1/containers HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Length: 100\r\n\r\n{`,
    );
    await once(gone, 'connect');
    gone.destroy();
    expect((await fetch(`${api.url}/livez`)).status).toBe(200);
  });
});

describe('the client', () => {
  let client: DroverClient;
  let api: RunningApi;
  beforeEach(async () => {
    api = await listen();
    client = createClient({ url: api.url, token });
  });

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
        const again = listen({}, port);
        await again;
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
        await listen({}, Number(new URL(api.url).port));
        await dispatcher.write(uuid, generation, 4, 'two\n');
        await dispatcher.finish(uuid, generation);
      }
    }
    expect([text, lost.length > 0]).toEqual(['one\ntwo\n', true]);
    expect(Buffer.from(await client.logHead(uuid, { stream: 'stdout', maxBytes: 3 })).toString()).toBe('one');
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
    const { createServer } = await import('node:http');
    const other = createServer((_request, response) => response.end('<html>hello</html>')).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    expect(await codeOf(createClient({ url: `http://127.0.0.1:${port}` }).status())).toBe('API_UNREACHABLE');
    other.close();
    other.closeAllConnections();
  });
});
