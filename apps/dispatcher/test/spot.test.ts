import { existsSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { final, instanceOf, running, textOf } from './queries.ts';
import { untilTrue } from './until.ts';
import { World } from './world.ts';

vi.setConfig({ testTimeout: 60_000 });

const size = { vcpus: 64, ram: '64GiB' };
const instanceTypes = {
  spot: { ...size, price: 0.1, preemptible: true },
  'on-demand': { ...size, price: 1 },
};

/** Saves at SIGTERM and fails, as software does that was cut short; goes on from there the next time. */
const checkpointing = `
if test -e "$SAVED"; then echo "went on from $(cat "$SAVED")"; exit 0; fi
trap 'echo "half way" >"$SAVED"; exit 9' TERM
touch "$BEGUN"
while :; do sleep 0.05; done`;

test('a spot VM that gets notice drains, its container saves, and goes on elsewhere at no cost to its attempts', async (context) => {
  const world = new World(context, { instanceTypes, scheduling: { spotInterruptions: 1 } });
  const dispatcher = await world.start();
  const { client } = dispatcher;
  const [saved, begun] = [join(world.folder('work'), 'saved'), join(world.folder('work'), 'begun')];
  const [uuid = ''] = await client.submit([
    {
      command: ['sh', '-c', checkpointing],
      env: { SAVED: saved, BEGUN: begun },
      resources: { vcpus: 1, ram: '64MiB' },
      scheduling: { preemptible: 'prefer' },
      retry: { attempts: 1 },
    },
  ]);
  const first = instanceOf(await running(client, uuid));
  await untilTrue('it has begun', () => existsSync(begun));
  const folder = world.vmFolders().find((path) => basename(path) === first);
  if (folder === undefined) throw new Error(`${first} has no folder`);
  writeFileSync(join(folder, 'root', 'preemption-notice'), 'wanted back in 2 minutes\n');
  const record = await final(client, uuid);
  expect(record).toMatchObject({ state: 'Complete', result: { exitCode: 0 } });
  expect(record.attempts).toMatchObject([
    { outcome: 'preempted', instanceType: 'spot', instanceId: first, result: { exitCode: 9, preempted: true } },
    { outcome: 'result', instanceType: 'on-demand' },
  ]);
  expect(await textOf(client, uuid)).toBe('went on from half way\n');
  expect(world.log()).toContain('wanted back in 2 minutes');
  await untilTrue('the VM is gone that was to be taken', () => !existsSync(folder));
  expect(await dispatcher.stop({ drain: true })).toBe(0);
});
