import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { CreateIntent } from '@drover/spec';
import { expect, test, vi } from 'vitest';
import { Ledger } from './ledger.ts';
import { final, instanceOf, running, textOf } from './queries.ts';
import { untilTrue } from './until.ts';
import { World } from './world.ts';

// They wait most of the time.
vi.setConfig({ testTimeout: 60_000, maxConcurrency: 10 });

test.concurrent('a stop keeps VMs and work, and the next dispatcher takes them over', async (context) => {
  const world = new World(context);
  const ledger = new Ledger(world.folder('ledger'));
  const first = await world.start();
  const [short = '', long = ''] = await first.client.submit([ledger.container('held'), ledger.container('held')]);
  await running(first.client, short);
  const before = await running(first.client, long);
  const vms = (await first.client.instances()).map(({ instanceId }) => instanceId);
  expect(await first.stop()).toBe(0);
  expect(existsSync(join(world.stateDirectory, 'endpoint.json'))).toBe(false);
  expect(world.vmFolders()).toHaveLength(vms.length);
  // One ends while nobody looks after it.
  ledger.release(short);
  await untilTrue('the short one has ended', () => ledger.kinds(short).includes('end'));
  expect(ledger.kinds(long)).toEqual(['start']);

  const second = await world.start();
  expect(await final(second.client, short)).toMatchObject({ state: 'Complete', generation: 1 });
  expect(await second.client.get(long)).toMatchObject({ state: 'Running', generation: 1 });
  ledger.release(long);
  expect(await final(second.client, long)).toMatchObject({ state: 'Complete', generation: 1 });
  expect((await second.client.get(long)).instanceId).toBe(instanceOf(before));
  for (const uuid of [short, long]) {
    expect(ledger.kinds(uuid)).toEqual(['start', 'end']);
    expect(await textOf(second.client, uuid)).toBe(`ran as ${uuid}\n`);
  }
  expect((await second.client.instances()).map(({ instanceId }) => instanceId)).toEqual(vms);
  expect(await second.stop({ drain: true })).toBe(0);
  expect(world.processes()).toEqual([]);
  expect(world.vmFolders()).toEqual([]);
});

test.concurrent('a drain lets what runs end, starts nothing more, and leaves nothing', async (context) => {
  // One container at a time, so that the second one waits.
  const world = new World(context, { driver: { name: 'loopback', maxInstances: 1 } });
  const ledger = new Ledger(world.folder('ledger'));
  const scheduling = { maxContainersPerInstance: 1 };
  const dispatcher = await world.start({ scheduling });
  const [runs = ''] = await dispatcher.client.submit([ledger.container(2)]);
  await running(dispatcher.client, runs);
  const [waits = ''] = await dispatcher.client.submit([ledger.container(0.1)]);
  expect(await dispatcher.stop({ drain: true })).toBe(0);
  expect(world.processes()).toEqual([]);
  expect(world.vmFolders()).toEqual([]);
  expect(ledger.kinds(runs)).toEqual(['start', 'end']);
  expect(ledger.kinds(waits)).toEqual([]);

  const next = await world.start({ scheduling });
  expect(await next.client.get(runs)).toMatchObject({ state: 'Complete', result: { exitCode: 0 } });
  expect(await final(next.client, waits)).toMatchObject({ state: 'Complete' });
  expect(ledger.kinds(waits)).toEqual(['start', 'end']);
});

test.concurrent('a dispatcher that starts up can be stopped at any moment', async (context) => {
  const world = new World(context);
  const first = await world.start();
  // Before the first listing perhaps, before any VM certainly.
  expect(await first.stop()).toBe(0);
  const second = await world.start();
  expect(await second.stop({ drain: true })).toBe(0);
  expect(world.processes()).toEqual([]);
});

test.concurrent('a create of which a crash left nothing but its record does not hold up a drain', async (context) => {
  const world = new World(context);
  expect(await (await world.start()).stop()).toBe(0);
  const intent: CreateIntent = {
    createId: 'c'.repeat(32),
    instanceType: 'small',
    offeringId: 'small@localhost',
    count: 1,
    secrets: ['5'.repeat(40)],
    createdAtMs: Date.now(),
  };
  const database = new DatabaseSync(join(world.stateDirectory, 'queue.db'));
  database.prepare('INSERT INTO intents (create_id, json) VALUES (?, ?)').run(intent.createId, JSON.stringify(intent));
  database.close();
  const next = await world.start();
  const beganMs = performance.now();
  expect(await next.stop({ drain: true })).toBe(0);
  expect(performance.now() - beganMs).toBeLessThan(15_000);
});
