import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AuthError, InvalidRequestError, QuotaError, TransientCloudError } from '@drover/spec';
import { SeededRandom } from '@drover/testkit';
import { expect, test } from 'vitest';
import { createLoopbackDriver } from '../src/driver.ts';
import { canIsolate } from '../src/isolation.ts';
import { loopbackParams } from '../src/params.ts';
import { isAlive, parseLeader } from '../src/process-identity.ts';
import { call, createVm, newWorld, request, until } from './loopback-world.ts';
import { connect, run } from './ssh-client.ts';
import { context, instanceType, setTags } from './surroundings.ts';

test('no more VMs at once than configured; one that has died makes room', async () => {
  const world = newWorld();
  const set = await world.open({ params: { maxInstances: 2 } });
  const results = await set.create(
    request(set, 'three', { count: 3, tags: [setTags, setTags, setTags], initCommands: ['', '', ''] }),
    call(),
  );
  expect(results.map((result) => result.ok)).toEqual([true, true, false]);
  expect(results[2]).toMatchObject({ error: expect.any(QuotaError) });
  await expect(createVm(set, 'fourth')).rejects.toThrow(QuotaError);
  const [first] = results;
  if (first?.ok !== true) throw new Error('the first was created');
  // The VM dies of itself, and no listing has shown it when the next one is asked for.
  const leader = parseLeader(readFileSync(join(world.folder(first.instance.id), 'leader'), 'utf8'));
  await run(await connect(first.instance), 'kill -9 "$DROVER_VM_PID"');
  await until('it is dead', () => (leader !== undefined && isAlive(leader) ? undefined : true));
  const { id } = await createVm(set, 'fourth');
  const { instances } = await set.list(setTags, call());
  expect(instances.find((instance) => instance.id === id)).toMatchObject({ lifecycle: 'running' });
  expect(instances.find((instance) => instance.id === first.instance.id)).toMatchObject({ lifecycle: 'terminated' });
});

test('creates at the same time do not exceed the quota together, nor make a VM twice', async () => {
  const world = newWorld();
  const set = await world.open({ params: { maxInstances: 2 } });
  const ids = ['a', 'b', 'c', 'd', 'a', 'b'];
  const outcomes = await Promise.allSettled(ids.map((createId) => createVm(set, createId)));
  expect(outcomes.map((outcome) => outcome.status)).toEqual([
    'fulfilled',
    'fulfilled',
    'rejected',
    'rejected',
    'fulfilled',
    'fulfilled',
  ]);
  expect((await set.list(setTags, call())).instances).toHaveLength(2);
});

test('a create that is given up goes on, and the same createId finds its VM', async () => {
  const set = await newWorld().open();
  const outcome = set.create(request(set, 'vm'), { signal: AbortSignal.timeout(20) });
  await expect(outcome).rejects.toThrow(TransientCloudError);
  expect(await createVm(set, 'vm')).toMatchObject({ lifecycle: 'running' });
  expect((await set.list(setTags, call())).instances).toHaveLength(1);
});

test('VMs are listed, described and destroyed twice while they are being destroyed', async () => {
  const world = newWorld();
  const set = await world.open();
  const instance = await createVm(set, 'vm');
  const destroyed = [set.destroy(instance, call()), set.destroy(instance, call())];
  const seen = [];
  for (let look = 0; look < 20; look += 1) {
    seen.push(...(await set.list(setTags, call())).instances.map((i) => i.lifecycle));
    const described = await set.describe(instance.id, call());
    seen.push(described === 'gone' ? described : described.lifecycle);
  }
  await Promise.all(destroyed);
  expect(seen).not.toContain('pending');
  expect(seen).not.toContain('running');
  expect(seen.at(-1)).toBe('gone');
  expect(await world.processes()).toEqual([]);
});

test('the same createId with other parameters is refused', async () => {
  const world = newWorld();
  const set = await world.open();
  await createVm(set, 'vm');
  await expect(createVm(set, 'vm', { imageId: 'another' })).rejects.toThrow(InvalidRequestError);
});

test('a key that is none is refused', async () => {
  const set = await newWorld().open();
  await expect(createVm(set, 'vm', { authorizedKey: '' })).rejects.toThrow(InvalidRequestError);
});

test('a boot delay shows as pending, without an address', async () => {
  const set = await newWorld().open({ params: { bootDelayMs: 200 } });
  const { id, lifecycle, address } = await createVm(set, 'vm');
  expect({ lifecycle, address }).toEqual({ lifecycle: 'pending', address: '' });
  expect(await set.hostKeys?.(id, call())).toEqual([]);
  await until('it runs', async () => {
    const [seen] = (await set.list(setTags, call())).instances;
    return seen?.lifecycle === 'running' ? seen : undefined;
  });
});

test('a VM whose boot fails runs, and nobody answers', async () => {
  const set = await newWorld().open({ params: { bootFailureRate: 1 } });
  const instance = await createVm(set, 'vm');
  expect(instance.lifecycle).toBe('running');
  await expect(connect(instance)).rejects.toThrow(/ECONNREFUSED/);
});

test('creates fail as often as configured, and leave nothing', async () => {
  const world = newWorld();
  const set = await world.open({ params: { createFailureRate: 1 } });
  await expect(createVm(set, 'vm')).rejects.toThrow(TransientCloudError);
  expect(world.entries()).toEqual([]);
});

test('preemptible VMs are taken away as often as configured, after a notice; others are not', async () => {
  const world = newWorld();
  const set = await createLoopbackDriver().open(
    { ...loopbackParams.parse({}), preemptionsPerHour: 360_000, preemptionNoticeMs: 300 },
    context({ random: new SeededRandom(1), stateDirectory: world.stateDirectory }),
  );
  const spared = await createVm(set, 'on-demand');
  expect(readFileSync(join(world.folder(spared.id), 'vm.json'), 'utf8')).toContain('"preemptedAfterMs":0,');
  const spot = await createVm(set, 'spot', { instanceType: { ...instanceType, preemptible: true } });
  const notice = join(world.folder(spot.id), 'root', 'preemption-notice');
  await until('the notice is there', () => (existsSync(notice) ? true : undefined));
  await until('it is taken away', async () => {
    const seen = await set.describe(spot.id, call());
    return seen !== 'gone' && seen.lifecycle === 'terminated' ? true : undefined;
  });
  expect(await set.describe(spared.id, call())).toMatchObject({ lifecycle: 'running' });
  for (const instance of [spot, spared]) await set.destroy(instance, call());
});

test('VMs are lost as often as configured', async () => {
  const world = newWorld();
  // Far more often than a configuration may ask for, so that the test need not wait.
  const set = await createLoopbackDriver().open(
    { ...loopbackParams.parse({}), lossesPerHour: 36_000 },
    context({ random: new SeededRandom(1), stateDirectory: world.stateDirectory }),
  );
  const { id } = await createVm(set, 'vm');
  await until('it is lost', async () => {
    const seen = await set.describe(id, call());
    return seen !== 'gone' && seen.lifecycle === 'terminated' ? true : undefined;
  });
  // It had come up, so that its launch did not fail.
  expect((await set.list(setTags, call())).launchFailures).toEqual([]);
  await set.destroy({ id, providerType: '', lifecycle: 'terminated', tags: {}, address: '' }, call());
});

test('a VM whose program cannot start is a failed launch', async () => {
  const set = await newWorld().open({ driver: { vmCommand: ['/does/not/exist'] } });
  const { id } = await createVm(set, 'vm');
  const failure = await until('the failure shows', async () => {
    const { launchFailures } = await set.list(setTags, call());
    return launchFailures[0];
  });
  expect(failure).toMatchObject({ createId: 'vm', instanceId: id, error: expect.any(TransientCloudError) });
});

test("whatever the id of the set, its folder is one below the driver's own", async () => {
  const world = newWorld({ keepFolder: true });
  const ids = ['..', '../set-a', 'a/b', 'zzzzz-dispatch.example:1'];
  for (const instanceSetId of ids) await world.open({ instanceSetId });
  await expect(world.open({ instanceSetId: '' })).rejects.toThrow(InvalidRequestError);
  expect(readdirSync(world.stateDirectory)).toEqual(['loopback']);
  expect(readdirSync(join(world.stateDirectory, 'loopback'))).toHaveLength(ids.length);
  rmSync(world.stateDirectory, { recursive: true });
});

test('a state directory that may not be written, or is none, is a typed error', async () => {
  const open = (stateDirectory: string): Promise<unknown> =>
    createLoopbackDriver().open(loopbackParams.parse({}), context({ random: new SeededRandom(1), stateDirectory }));
  // Not even root makes folders there.
  await expect(open('/sys/drover')).rejects.toThrow(AuthError);
  const world = newWorld();
  const file = join(world.stateDirectory, 'file');
  writeFileSync(file, '');
  await expect(open(file)).rejects.toThrow(InvalidRequestError);
});

test.runIf(await canIsolate())('a full disk is a capacity error, and leaves nothing half made', () => {
  const world = newWorld();
  const disk = join(world.stateDirectory, 'disk');
  mkdirSync(disk);
  // The mount is in a namespace of the child's own, and ends with it.
  const script = `mount -t tmpfs -o size=16k none "$1" && exec "$2" --conditions=@drover/source "$3" "$1"`;
  const program = join(import.meta.dirname, 'full-disk.ts');
  const args = ['--mount', '/bin/sh', '-c', script, 'sh', disk, process.execPath, program];
  const output: unknown = JSON.parse(execFileSync('unshare', args, { encoding: 'utf8' }));
  expect(output).toEqual({ name: 'CapacityError', scope: 'all', entries: [] });
  rmSync(disk, { recursive: true });
});
