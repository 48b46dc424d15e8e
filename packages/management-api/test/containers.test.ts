import { beforeEach, describe, expect, it } from 'vitest';
import { createApi } from '../src/index.ts';
import { DispatcherDouble } from './dispatcher-double.ts';
import { read, Requester } from './requester.ts';

let dispatcher: DispatcherDouble;
let api: Requester;
beforeEach(() => {
  dispatcher = new DispatcherDouble();
  api = new Requester(createApi(dispatcher.deps()));
});

const submitOne = async (command: readonly string[] = ['true']): Promise<string> => api.submit({ command });

describe('POST /v1/containers', () => {
  it('takes one container and says where it is', async () => {
    const response = await api.send('POST', '/v1/containers', {
      name: 'a',
      command: ['true'],
      resources: { ram: '1GiB' },
    });
    expect(response.status).toBe(201);
    const [uuid = ''] = (await read(response)).uuids;
    expect(uuid).toMatch(/^drovr-dz642-[a-z0-9]{15}$/);
    expect(response.headers.get('location')).toBe(`/v1/containers/${uuid}`);
    expect(dispatcher.database.record(uuid).spec).toMatchObject({
      name: 'a',
      resources: { ramBytes: 1_073_741_824 },
    });
  });

  it.each([
    ['a JSON list', undefined, '[{"command":["a"]},{"command":["b"]}]'],
    ['JSON lines', 'application/x-ndjson', '{"command":["a"]}\n{"command":["b"]}\n'],
    ['YAML', 'application/yaml', 'command: [a]\n---\ncommand: [b]\n'],
  ])('takes many as %s', async (_name, type, body) => {
    const { uuids } = await api.json(
      'POST',
      '/v1/containers',
      body,
      type === undefined ? {} : { 'content-type': type },
    );
    expect(uuids.map((uuid) => dispatcher.database.record(uuid).spec.command)).toEqual([['a'], ['b']]);
  });

  it('creates nothing twice for one Idempotency-Key', async () => {
    const headers = { 'idempotency-key': 'k1' };
    const first = await api.json('POST', '/v1/containers', { command: ['a'] }, headers);
    const again = await api.json('POST', '/v1/containers', { command: ['a'] }, headers);
    expect(again).toEqual(first);
    const other = await api.send('POST', '/v1/containers', { command: ['b'] }, headers);
    expect(other.status).toBe(409);
    expect(await other.json()).toMatchObject({ code: 'API_CONFLICT', status: 409 });
    const odd = await api.send('POST', '/v1/containers', { command: ['b'] }, { 'idempotency-key': 'has space' });
    expect(odd.status).toBe(400);
  });

  it('tells all problems of all containers, and takes none of them', async () => {
    const response = await api.send('POST', '/v1/containers', [
      { command: ['a'] },
      { command: [], resources: { ram: 16 } },
      { commnd: ['a'] },
    ]);
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    const problem = await read(response);
    expect(problem).toMatchObject({ type: '/v1/errors/CONTAINER_INVALID', status: 400, retryable: false });
    expect(problem.problems.map((p) => p.code)).toEqual([
      'CONTAINER_INVALID',
      'CONFIG_UNIT_MISSING',
      'CONTAINER_INVALID',
      'CONFIG_UNKNOWN_KEY',
    ]);
    expect(await api.json('GET', '/v1/containers')).toMatchObject({ items: [] });
  });

  it('tells the line of a text', async () => {
    const response = await api.send('POST', '/v1/containers', '{"command":["a"]}\n{"command":[]}\n', {
      'content-type': 'application/x-ndjson',
    });
    expect((await read(response)).problems).toMatchObject([{ line: 2, column: 12 }]);
  });

  it.each([
    ['no JSON', '{', 400, 'API_BAD_REQUEST'],
    ['an empty list', '[]', 400, 'API_BAD_REQUEST'],
    ['a number', '7', 400, 'CONFIG_WRONG_TYPE'],
    ['no body', '', 400, 'API_BAD_REQUEST'],
  ])('refuses %s', async (_name, body, status, code) => {
    const response = await api.json('POST', '/v1/containers', body);
    expect([response.httpStatus, response.code]).toEqual([status, code]);
  });

  it('refuses a body over the limit, declared or not', async () => {
    api = new Requester(createApi(dispatcher.deps({ options: { maxBodyBytes: 100 } })));
    const body = JSON.stringify({ command: ['x'.repeat(100)] });
    const declared = await api.json('POST', '/v1/containers', body, { 'content-length': String(body.length) });
    const undeclared = await api.json('POST', '/v1/containers', body);
    for (const response of [declared, undeclared]) {
      expect([response.httpStatus, response.code]).toEqual([413, 'API_TOO_LARGE']);
    }
  });

  it('passes on that the queue is not available, with the time to wait', async () => {
    dispatcher.database.faults.plan('busy', { operation: 'submit' });
    const response = await api.send('POST', '/v1/containers', { command: ['a'] });
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await response.json()).toMatchObject({ code: 'QUEUE_UNAVAILABLE', retryable: true });
  });
});

describe('GET /v1/containers', () => {
  it('lists newest first, by state and in pages', async () => {
    const [a, b, c] = [await submitOne(), await submitOne(), await submitOne()];
    await dispatcher.start(b);
    const items = async (query: string): Promise<unknown> => {
      const page = await api.json('GET', `/v1/containers${query}`);
      return { uuids: page.items.map((item) => item.uuid), next: page.next };
    };
    expect(await items('')).toEqual({ uuids: [c, b, a], next: undefined });
    expect(await items('?state=Running')).toEqual({ uuids: [b], next: undefined });
    expect(await items('?state=Queued,Running&state=Complete')).toEqual({ uuids: [c, b, a], next: undefined });
    expect(await items('?limit=2')).toEqual({ uuids: [c, b], next: b });
    expect(await items(`?limit=2&after=${b}`)).toEqual({ uuids: [a], next: undefined });
  });

  it.each([
    ['?state=Sleeping', 'API_BAD_REQUEST'],
    ['?limit=0', 'API_BAD_REQUEST'],
    ['?limit=1001', 'API_BAD_REQUEST'],
    ['?limit=ten', 'CONFIG_WRONG_TYPE'],
    ['?stat=Queued', 'CONFIG_UNKNOWN_KEY'],
  ])('refuses %s', async (query, code) => {
    const response = await api.json('GET', `/v1/containers${query}`);
    expect([response.httpStatus, response.code]).toEqual([400, code]);
  });
});

describe('one container', () => {
  it('shows everything recorded', async () => {
    const uuid = await submitOne(['echo', 'hi']);
    await dispatcher.finish(uuid, await dispatcher.start(uuid), { exitCode: 3 });
    const record = await api.json('GET', `/v1/containers/${uuid}`);
    expect(record).toMatchObject({
      uuid,
      state: 'Complete',
      spec: { command: ['echo', 'hi'] },
      result: { exitCode: 3 },
      attempts: [{ generation: 1, instanceType: 'small', outcome: 'result' }],
    });
  });

  it.each(['', '/why', '/logs', '/events'])('answers 404 for an unknown one%s', async (path) => {
    const response = await api.json('GET', `/v1/containers/drovr-dz642-nosuchcontainer${path}`);
    expect([response.httpStatus, response.code]).toEqual([404, 'QUEUE_CONTAINER_NOT_FOUND']);
  });

  it('tells why it waits in the scheduler’s words', async () => {
    const uuid = await submitOne();
    const answer = { uuid, sinceMs: 5, eligibleTypes: ['small'], rejections: [], position: 2 } as const;
    dispatcher.whys.set(uuid, { ...answer, code: 'over-quota', sentence: 'the account is full' });
    expect(await api.json('GET', `/v1/containers/${uuid}/why`)).toMatchObject({
      ...answer,
      code: 'over-quota',
      sentence: 'the account is full',
    });
  });

  it('tells that the scheduler has not seen it yet', async () => {
    const uuid = await submitOne();
    const answer = await api.json('GET', `/v1/containers/${uuid}/why`);
    expect(answer).toMatchObject({
      code: 'waiting-for-lock',
      sentence: 'it is Queued; the scheduler has not considered it yet',
    });
  });

  it.each([
    [{ exitCode: 3 }, 'it ended with exit code 3'],
    [{ signal: 'SIGKILL' }, 'it was ended by SIGKILL'],
    [{ signal: 'SIGKILL', oom: true }, 'it ended because it used more memory than it may'],
    [{ signal: 'SIGTERM', timedOut: true }, 'it ended because it ran longer than its maxRunTime'],
    [{ startError: 'no such command' }, 'it could not be started: no such command'],
  ])('tells how it ended: %j', async (ending, sentence) => {
    const uuid = await submitOne();
    await dispatcher.finish(uuid, await dispatcher.start(uuid), ending);
    const answer = await api.json('GET', `/v1/containers/${uuid}/why`);
    expect(answer).toMatchObject({ code: 'finished', sentence });
  });

  it('cancels, with the reason recorded', async () => {
    const uuid = await submitOne();
    expect((await api.send('POST', `/v1/containers/${uuid}/cancel`, { reason: 'a mistake' })).status).toBe(204);
    expect(dispatcher.database.record(uuid)).toMatchObject({ state: 'Cancelled', cancelReason: 'a mistake' });
    const again = await api.json('POST', `/v1/containers/${uuid}/cancel`);
    expect([again.httpStatus, again.code]).toEqual([409, 'API_CONFLICT']);
  });

  it('changes the priority', async () => {
    const uuid = await submitOne();
    expect((await api.send('POST', `/v1/containers/${uuid}/priority`, { priority: 7 })).status).toBe(204);
    expect(dispatcher.database.record(uuid).priority).toBe(7);
    const over = await api.send('POST', `/v1/containers/${uuid}/priority`, { priority: 1001 });
    expect(await read(over)).toMatchObject({ status: 400, detail: expect.stringContaining('at most 1000') });
  });
});

describe('an Arvados queue', () => {
  it.each([
    ['GET', '/v1/containers'],
    ['GET', '/v1/containers/x'],
    ['POST', '/v1/containers'],
    ['GET', '/v1/events'],
    ['GET', '/v1/containers/x/logs'],
  ])('has no %s %s', async (method, path) => {
    api = new Requester(createApi(dispatcher.deps({ store: undefined })));
    const response = await api.json(method, path, method === 'POST' ? { command: ['a'] } : undefined);
    expect([response.httpStatus, response.code]).toEqual([501, 'API_NOT_SUPPORTED']);
  });

  it('has a status without counts', async () => {
    api = new Requester(createApi(dispatcher.deps({ store: undefined })));
    expect(await api.json('GET', '/v1/status')).not.toHaveProperty('containers');
  });
});
