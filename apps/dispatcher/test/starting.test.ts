import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test, vi } from 'vitest';
import type { DispatcherProcess, Refusal } from './dispatcher-process.ts';
import { Ledger } from './ledger.ts';
import { final, running, textOf } from './queries.ts';
import { type ConfigInput, World } from './world.ts';

// They wait most of the time.
vi.setConfig({ testTimeout: 60_000, maxConcurrency: 10 });

/** The refusal of a dispatcher that must not start. `tryStart` has seen that its process ended by itself. */
async function refusal(world: World, changes: Partial<ConfigInput>): Promise<Refusal> {
  const started = await world.tryStart(changes);
  if ('client' in started) throw new Error('it started');
  return started;
}

/** Everything in the state directory of which a second dispatcher could take something away. */
function keptFiles(world: World): Record<string, string> {
  const names = ['ssh_key', 'ssh_key.pub', 'token', 'instance-set-id', 'endpoint.json'];
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(world.stateDirectory, name), 'utf8')]));
}

async function expectUndisturbed(first: DispatcherProcess, uuid: string): Promise<void> {
  expect(await first.client.get(uuid)).toMatchObject({ state: 'Running', generation: 1 });
  expect(await first.client.status()).toMatchObject({ healthy: true, ready: true });
}

test.concurrent('a second dispatcher on the same state directory or database is refused, and the first is not disturbed', async (context) => {
  const world = new World(context);
  const ledger = new Ledger(world.folder('ledger'));
  const first = await world.start();
  const [uuid = ''] = await first.client.submit([ledger.container('held')]);
  await running(first.client, uuid);
  const kept = keptFiles(world);
  // As if the first were making a VM at this moment.
  const [set = ''] = readdirSync(join(world.stateDirectory, 'loopback'));
  const halfMade = join(world.stateDirectory, 'loopback', set, '.new-vm-000000000000');
  mkdirSync(halfMade);

  const rivals: readonly { readonly changes: Partial<ConfigInput>; readonly says: string }[] = [
    { changes: {}, says: 'state directory' },
    { changes: { queue: { path: join(world.root, 'other.db') } }, says: 'state directory' },
    {
      changes: { stateDirectory: join(world.root, 'other'), queue: { path: join(world.stateDirectory, 'queue.db') } },
      says: 'queue',
    },
  ];
  for (const { changes, says } of rivals) {
    const refused = await refusal(world, changes);
    expect(refused).toMatchObject({ code: 'QUEUE_IN_USE', fix: expect.stringContaining('stop the other dispatcher') });
    expect(refused.message).toContain(says);
    expect(refused.message).toContain(`process ${first.pid} on `);
    await expectUndisturbed(first, uuid);
  }
  expect(readdirSync(join(halfMade, '..'))).toContain('.new-vm-000000000000');
  expect(keptFiles(world)).toEqual(kept);
  ledger.release(uuid);
  await final(first.client, uuid);
  expect(ledger.kinds(uuid)).toEqual(['start', 'end']);
  expect(await textOf(first.client, uuid)).toBe(`ran as ${uuid}\n`);
});

test.concurrent('two dispatchers that start on a fresh state directory at once: one leads, the other is refused', async (context) => {
  const world = new World(context);
  const started = await Promise.all([world.tryStart(), world.tryStart()]);
  const leaders = started.filter((each) => 'client' in each);
  expect(leaders).toHaveLength(1);
  expect(started.filter((each) => 'code' in each)).toMatchObject([{ code: 'QUEUE_IN_USE' }]);
  const [leader] = leaders;
  expect(readFileSync(join(world.stateDirectory, 'token'), 'utf8')).toBe(leader?.token);
});

test.concurrent('a port in use is named, and nothing stays behind', async (context) => {
  const world = new World(context);
  const server = createServer().listen(0, '127.0.0.1');
  context.onTestFinished(() => {
    server.close();
  });
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  expect(await refusal(world, { api: { port } })).toMatchObject({
    code: 'API_PORT_IN_USE',
    message: `127.0.0.1:${port} is in use`,
  });
  expect(world.processes()).toEqual([]);
  // The state directory and the queue are free again.
  const next = await world.start();
  expect(await next.stop()).toBe(0);
});

test.concurrent('keys that cannot be used are named and never shown', async (context) => {
  const world = new World(context);
  const path = join(world.root, 'key');
  expect(await refusal(world, { ssh: { privateKey: `file:${path}` } })).toMatchObject({
    code: 'CONFIG_UNREADABLE',
    message: expect.stringContaining(path),
  });
  writeFileSync(path, 'NOT-A-KEY-0123');
  const refused = await refusal(world, { ssh: { privateKey: `file:${path}` } });
  expect(refused).toMatchObject({ code: 'SSH_KEY_UNREADABLE' });
  expect(refused.text + world.log()).not.toContain('NOT-A-KEY');
});

test.concurrent('a queue of a newer drover and a damaged one are refused and left as they are', async (context) => {
  const world = new World(context);
  await (await world.start()).stop();
  const path = join(world.stateDirectory, 'queue.db');
  const database = new DatabaseSync(path);
  database.exec('PRAGMA user_version = 9999');
  database.close();
  const newer = readFileSync(path);
  expect(await refusal(world, {})).toMatchObject({ code: 'QUEUE_SCHEMA_NEWER' });
  expect(readFileSync(path).equals(newer)).toBe(true);
  const damaged = Buffer.alloc(newer.length, 'no database');
  writeFileSync(path, damaged);
  expect(await refusal(world, {})).toMatchObject({ code: 'QUEUE_CORRUPT' });
  expect(readFileSync(path).equals(damaged)).toBe(true);
});

test.concurrent('a driver that cannot open ends the process, with its reason', async (context) => {
  const world = new World(context);
  mkdirSync(world.stateDirectory);
  writeFileSync(join(world.stateDirectory, 'loopback'), 'a file where a folder should be');
  expect((await refusal(world, {})).message).toContain('loopback');
});
