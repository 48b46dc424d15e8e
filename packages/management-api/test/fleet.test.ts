import { beforeEach, describe, expect, it } from 'vitest';
import { createApi } from '../src/index.ts';
import { DispatcherDouble, smallType } from './dispatcher-double.ts';
import { Requester } from './requester.ts';

let dispatcher: DispatcherDouble;
let api: Requester;
beforeEach(() => {
  dispatcher = new DispatcherDouble();
  api = new Requester(createApi(dispatcher.deps()));
});

describe('instances', () => {
  it('are listed, creates in flight too', async () => {
    expect(await api.json('GET', '/v1/instances')).toMatchObject({ items: [...dispatcher.instances] });
  });

  it('are shown one at a time', async () => {
    expect(await api.json('GET', '/v1/instances/i-1')).toMatchObject({
      instanceId: 'i-1',
      containers: [expect.any(String)],
    });
    expect(await api.json('GET', '/v1/instances/i-9')).toMatchObject({ httpStatus: 404, code: 'INSTANCE_NOT_FOUND' });
  });

  it.each(['hold', 'drain', 'run', 'kill'])('take %s with its reason', async (verb) => {
    expect((await api.send('POST', `/v1/instances/i-1/${verb}`, { reason: 'maintenance' })).status).toBe(204);
    expect((await api.send('POST', `/v1/instances/i-1/${verb}`)).status).toBe(204);
    expect(dispatcher.calls).toEqual([`${verb} i-1 maintenance`, `${verb} i-1 ${verb} asked for by an operator`]);
    const unknown = await api.json('POST', `/v1/instances/i-9/${verb}`, {});
    expect(unknown).toMatchObject({ httpStatus: 404, code: 'INSTANCE_NOT_FOUND' });
  });

  it('may have slashes in their ids', async () => {
    const id = '/subscriptions/s/vm 1';
    expect((await api.send('POST', `/v1/instances/${encodeURIComponent(id)}/hold`, { reason: 'r' })).status).toBe(204);
    expect(dispatcher.calls).toEqual([`hold ${id} r`]);
  });
});

describe('types', () => {
  it('are listed', async () => expect(await api.json('GET', '/v1/types')).toMatchObject({ items: [smallType] }));

  it('are explained for a container', async () => {
    const fits = await api.json('POST', '/v1/types/explain', { command: ['a'] });
    expect(fits).toMatchObject({ eligibleTypes: ['small'], rejections: [] });
    const large = await api.json('POST', '/v1/types/explain', { command: ['a'], resources: { vcpus: 9 } });
    expect(large).toMatchObject({
      eligibleTypes: [],
      rejections: [{ constraint: 'vcpus', message: 'needs 9 vcpus, has 2' }],
    });
    const two = await api.json('POST', '/v1/types/explain', [{ command: ['a'] }, { command: ['b'] }]);
    expect(two).toMatchObject({ httpStatus: 400, code: 'API_BAD_REQUEST' });
  });
});

describe('status', () => {
  it('is the dispatcher at a glance', async () => {
    await api.submit({ command: ['a'] });
    expect(await api.json('GET', '/v1/status')).toMatchObject({
      version: '1.2.3',
      healthy: true,
      ready: true,
      containers: { Queued: 1, Locked: 0, Running: 0, Complete: 0, Cancelled: 0 },
      instances: { total: 2, byState: { running: 1, booting: 1 }, pricePerHour: 0.5 },
    });
  });
});
