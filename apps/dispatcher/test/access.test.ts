import { createClient } from '@drover/management-api/client';
import { expect, test, vi } from 'vitest';
import { Ledger } from './ledger.ts';
import { final, running } from './queries.ts';
import { listeningSockets } from './sockets.ts';
import { World } from './world.ts';

vi.setConfig({ testTimeout: 60_000 });

test.concurrent('nothing of a dispatcher at work listens on anything but loopback', async (context) => {
  const world = new World(context);
  const ledger = new Ledger(world.folder('ledger'));
  const dispatcher = await world.start();
  const [uuid = ''] = await dispatcher.client.submit([ledger.container(20)]);
  await running(dispatcher.client, uuid);
  const sockets = listeningSockets(world.processes().map(({ pid }) => pid));
  // The API and the SSH server of the VM at least: the look itself works.
  expect(sockets.map(({ port }) => `http://127.0.0.1:${port}`)).toContain(dispatcher.url);
  expect(new Set(sockets.map(({ port }) => port)).size).toBeGreaterThanOrEqual(2);
  expect(new Set(sockets.map(({ address }) => address))).toEqual(new Set(['127.0.0.1']));
});

test.concurrent('without the token nothing is told and nothing is done', async (context) => {
  const world = new World(context);
  const { url, token, client } = await world.start();
  const status = async (path: string, headers: Record<string, string>, method = 'GET'): Promise<number> =>
    (await fetch(new URL(path, url), { method, headers })).status;
  const paths = ['/v1/status', '/v1/containers', '/v1/instances', '/arvados/v1/dispatch/instances', '/metrics'];
  for (const path of paths) {
    expect([path, await status(path, {})]).toEqual([path, 401]);
    expect([path, await status(path, { authorization: 'Bearer wrong' })]).toEqual([path, 403]);
    expect([path, await status(path, { authorization: `Bearer ${token}` })]).toEqual([path, 200]);
  }
  const wrong = createClient({ url, token: `${token}x` });
  await expect(wrong.submit([{ command: ['true'] }])).rejects.toMatchObject({ code: 'API_FORBIDDEN' });
  expect((await client.list()).items).toEqual([]);
  expect(world.log()).not.toContain(token);
});

test.concurrent('a container that no type can hold is cancelled, and the constraint is named', async (context) => {
  const world = new World(context, { instanceTypes: { small: { vcpus: 2, ram: '4GiB', price: 1 } } });
  const { client } = await world.start();
  const [vcpus = '', ram = ''] = await client.submit([
    { command: ['true'], resources: { vcpus: 3, ram: '1MiB' } },
    { command: ['true'], resources: { vcpus: 1, ram: '1TiB' } },
  ]);
  for (const [uuid, constraint] of [
    [vcpus, /vcpus/],
    [ram, /RAM|ram/],
  ] as const) {
    const record = await final(client, uuid);
    expect(record.state).toBe('Cancelled');
    expect(record.cancelReason).toMatch(constraint);
    expect(record.cancelReason).toContain('small');
  }
  expect(world.vmFolders()).toEqual([]);
});
