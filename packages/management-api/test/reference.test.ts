import { beforeEach, describe, expect, it } from 'vitest';
import { type Api, createApi } from '../src/index.ts';
import { DispatcherDouble, smallType, token } from './dispatcher-double.ts';

const uuid = 'drovr-dz642-000000000000001';
const base = '/arvados/v1/dispatch';
let dispatcher: DispatcherDouble;
let api: Api;
beforeEach(() => {
  dispatcher = new DispatcherDouble();
  dispatcher.queueView = [
    {
      uuid,
      state: 'Locked',
      priority: 7,
      submittedAtMs: Date.UTC(2026, 0, 1),
      image: 'abc+123',
      resources: { vcpus: 2, ramBytes: 1_000, cacheRamBytes: 5, scratchBytes: [1], cacheDiskBytes: 6 },
      scheduling: { priority: 7, preemptible: true, supervisor: false, maxRunTimeMs: 90_500 },
      firstSeenAtMs: Date.UTC(2026, 0, 1, 0, 0, 1),
      schedulingStatus: 'waiting for a VM to boot',
      instanceTypes: [smallType],
    },
  ];
  api = createApi(dispatcher.deps());
});

async function ask(
  method: string,
  path: string,
  options: { readonly form?: string; readonly authorization?: string } = {},
): Promise<readonly [number, unknown]> {
  const { form, authorization = `Bearer ${token}` } = options;
  const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded' };
  const request = new Request(`http://127.0.0.1${path}`, {
    method,
    headers,
    ...(form === undefined ? {} : { body: form }),
  });
  const response = await api.fetch(request);
  const text = await response.text();
  const parsed: unknown = text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text;
  return [response.status, parsed];
}

describe('containers', () => {
  const entry = {
    container: {
      uuid,
      state: 'Locked',
      priority: 7,
      created_at: '2026-01-01T00:00:00.000Z',
      container_image: 'abc+123',
      runtime_constraints: expect.objectContaining({ vcpus: 2, ram: 1_000, keep_cache_ram: 5, keep_cache_disk: 6 }),
      scheduling_parameters: { preemptible: true, supervisor: false, max_run_time: 90 },
    },
    instance_types: [
      expect.objectContaining({ Name: 'small', ProviderType: 'vm.small', VCPUs: 2, RAM: 4_294_967_296, Price: 0.25 }),
    ],
    scheduling_status: 'waiting for a VM to boot',
    first_seen_at: '2026-01-01T00:00:01.000Z',
  };

  it('are listed with the reference’s names', async () => {
    expect(await ask('GET', `${base}/containers`)).toEqual([200, { items: [entry] }]);
  });

  it('are shown one at a time', async () => {
    expect(await ask('GET', `${base}/container?container_uuid=${uuid}`)).toEqual([200, entry]);
  });

  it.each(['', '?container_uuid=', '?container_uuid=other'])('are not found with %j', async (query) => {
    expect(await ask('GET', `${base}/container${query}`)).toEqual([404, { errors: ['container not found'] }]);
  });

  it('are killed, with parameters in the query or a form', async () => {
    expect(await ask('POST', `${base}/containers/kill?container_uuid=${uuid}&reason=why`)).toEqual([200, '']);
    expect(await ask('POST', `${base}/containers/kill`, { form: `container_uuid=${uuid}&reason=because+x` })).toEqual([
      200,
      '',
    ]);
    expect(dispatcher.calls).toEqual([`kill-container ${uuid} why`, `kill-container ${uuid} because x`]);
    expect((await ask('POST', `${base}/containers/kill`))[0]).toBe(400);
    expect((await ask('POST', `${base}/containers/kill?container_uuid=x`))[0]).toBe(404);
  });
});

describe('instances', () => {
  it('are listed with the reference’s names', async () => {
    const [status, body] = await ask('GET', `${base}/instances`);
    expect([status, body]).toEqual([
      200,
      {
        items: [
          {
            instance: 'i-1',
            address: '10.0.0.1',
            price: 0.25,
            arvados_instance_type: 'small',
            provider_instance_type: 'vm.small',
            last_container_uuid: uuid,
            last_busy: '2026-01-02T03:04:05.000Z',
            running_container_uuids: [uuid],
            worker_state: 'running',
            idle_behavior: 'run',
          },
          expect.objectContaining({ instance: '', last_busy: '0001-01-01T00:00:00Z', worker_state: 'booting' }),
        ],
      },
    ]);
  });

  it.each(['hold', 'drain', 'run', 'kill'])('take %s', async (verb) => {
    expect(await ask('POST', `${base}/instances/${verb}?instance_id=i-1&reason=r`)).toEqual([200, '']);
    expect(await ask('POST', `${base}/instances/${verb}`, { form: 'instance_id=i-1' })).toEqual([200, '']);
    expect(dispatcher.calls[0]).toBe(`${verb} i-1 r`);
    expect(await ask('POST', `${base}/instances/${verb}`)).toEqual([
      400,
      { errors: ['instance_id parameter is missing'] },
    ]);
    expect(await ask('POST', `${base}/instances/${verb}?instance_id=i-2`)).toEqual([
      404,
      { errors: ['instance not found'] },
    ]);
  });
});

describe('metrics and health', () => {
  it('are passed through', async () => {
    expect(await ask('GET', '/metrics')).toEqual([200, 'drover_up 1\n']);
    expect(await ask('GET', '/metrics.json')).toEqual([200, [{ name: 'drover_up', type: 'GAUGE', metrics: [] }]]);
    expect(await ask('GET', '/_health/ping')).toEqual([200, { health: 'OK' }]);
    dispatcher.health = { healthy: false, ready: true, messages: ['the runner cannot be loaded'] };
    expect(await ask('GET', '/_health/ping')).toEqual([200, { health: 'ERROR', error: 'the runner cannot be loaded' }]);
    expect(await ask('GET', '/_health/other')).toEqual([404, { errors: ['path not found'] }]);
  });
});

describe('access', () => {
  const paths = [`${base}/containers`, `${base}/instances`, '/metrics', '/metrics.json', '/_health/ping'];
  it.each(paths)('to %s needs the token', async (path) => {
    expect((await ask('GET', path, { authorization: '' }))[0]).toBe(401);
    expect((await ask('GET', path, { authorization: 'Bearer wrong' }))[0]).toBe(403);
    api = createApi(dispatcher.deps({ tokens: [] }));
    expect(await ask('GET', path)).toEqual([403, { errors: ['no management token is configured'] }]);
    expect((await ask('GET', path, { authorization: '' }))[0]).toBe(403);
  });
});
