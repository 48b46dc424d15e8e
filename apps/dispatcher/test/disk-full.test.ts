import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { Ledger } from './ledger.ts';
import { final, running, textOf } from './queries.ts';
import { mountDisk, unmountDisks } from './small-disk.ts';
import { untilTrue } from './until.ts';
import { World } from './world.ts';

vi.setConfig({ testTimeout: 60_000 });
afterEach(unmountDisks);

const canMount = mountDisk('1m') !== undefined;
unmountDisks();
if (!canMount) console.warn('FULL DISKS ARE NOT TESTED: this user may not mount a small file system');

/** Leaves no byte free. */
function fill(disk: string): void {
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(join(disk, 'filler'), Buffer.alloc(bavail * bsize));
}

function free(disk: string): void {
  rmSync(join(disk, 'filler'));
}

test.skipIf(!canMount)(
  'a full disk of the queue refuses what is new, loses nothing, and is no end',
  async (context) => {
    const disk = mountDisk('8m') ?? '';
    const world = new World(context, { queue: { path: join(disk, 'queue.db') } });
    const ledger = new Ledger(world.folder('ledger'));
    const dispatcher = await world.start();
    const [uuid = ''] = await dispatcher.client.submit([ledger.container(1.5)]);
    await running(dispatcher.client, uuid);
    fill(disk);
    const large = { ...ledger.container(0.1), env: { DATA: 'x'.repeat(100_000) } };
    await expect(dispatcher.client.submit(Array.from({ length: 20 }, () => large))).rejects.toMatchObject({
      code: 'QUEUE_DISK_FULL',
      fix: expect.stringMatching(/\w/),
    });
    await untilTrue('the container has ended on its VM', () => ledger.kinds(uuid).includes('end'));
    expect((await dispatcher.client.status()).containers).toMatchObject({ Queued: 0 });
    // One that starts now says so, unless the database finds enough room in its own files.
    await dispatcher.kill();
    const second = await world.tryStart();
    expect(['QUEUE_DISK_FULL', 'started']).toContain('code' in second ? second.code : 'started');
    if ('client' in second) await second.kill();

    free(disk);
    const next = await world.start();
    expect(await final(next.client, uuid)).toMatchObject({ state: 'Complete', generation: 1, result: { exitCode: 0 } });
    expect(await textOf(next.client, uuid)).toBe(`ran as ${uuid}\n`);
    const [after = ''] = await next.client.submit([ledger.container(0.1)]);
    expect(await final(next.client, after)).toMatchObject({ state: 'Complete' });
    expect(ledger.kinds(uuid)).toEqual(['start', 'end']);
  },
);

test.skipIf(!canMount)(
  'a container that fills the disk of its VM keeps its result, and the VM is replaced',
  async (context) => {
    const disk = mountDisk('24m') ?? '';
    const outside = context.task.id;
    const world = new World(context, {
      stateDirectory: join(disk, 's'),
      queue: { path: join(mountDisk('32m') ?? '', `${outside}.db`) },
    });
    const dispatcher = await world.start();
    const script = 'cat /dev/zero >filler; echo "the disk is full"; exit 3';
    const [glutton = ''] = await dispatcher.client.submit([{ command: ['sh', '-c', script], resources: { vcpus: 1 } }]);
    const record = await final(dispatcher.client, glutton);
    expect(record).toMatchObject({ state: 'Complete', result: { exitCode: 3, unknown: false } });
    const [next = ''] = await dispatcher.client.submit([
      { command: ['echo', 'there is room'], resources: { vcpus: 1 } },
    ]);
    const after = await final(dispatcher.client, next);
    expect(after).toMatchObject({ state: 'Complete', result: { exitCode: 0 } });
    expect(after.instanceId).not.toBe(record.instanceId);
    expect(await textOf(dispatcher.client, next)).toBe('there is room\n');
  },
);
