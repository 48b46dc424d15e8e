import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Instance, InstanceSet } from '@drover/spec';
import { describe, expect, onTestFinished, test } from 'vitest';
import { canIsolate } from '../src/isolation.ts';
import { isAlive, parseLeader } from '../src/process-identity.ts';
import { call, createVm, type LoopbackWorld, newWorld, request, until } from './loopback-world.ts';
import { connect, run } from './ssh-client.ts';
import { setTags } from './surroundings.ts';

interface Scene {
  readonly world: LoopbackWorld;
  readonly set: InstanceSet;
  readonly instance: Instance;
}

const possible = await canIsolate();
const modes = [
  { mode: 'in a namespace', isolation: true },
  { mode: 'without a namespace', isolation: false },
].filter(({ isolation }) => !isolation || possible);

/** A VM with a process that is in a session of its own, and one that has shed its environment too. */
async function bootWithStrays(isolation: boolean): Promise<Scene> {
  const world = newWorld();
  const set = await world.open({ driver: { isolation } });
  const instance = await createVm(set, 'vm');
  const client = await connect(instance);
  await run(client, 'setsid sh -c "sleep 300 & exec sleep 300" >/dev/null 2>&1 &');
  await until('the strays run', async () => ((await world.processes()).length >= 3 ? true : undefined));
  client.end();
  return { world, set, instance };
}

function leaderOf({ world, instance }: Scene): number {
  const leader = parseLeader(readFileSync(join(world.folder(instance.id), 'leader'), 'utf8'));
  if (leader === undefined || !isAlive(leader)) throw new Error('the VM has no living leader');
  return leader.pid;
}

describe.each(modes)('a VM $mode', ({ isolation }) => {
  test('that is destroyed leaves neither a process nor a file', async () => {
    const { world, set, instance } = await bootWithStrays(isolation);
    await set.destroy(instance, call());
    expect(await world.processes()).toEqual([]);
    expect(world.entries()).toEqual([]);
    expect(await set.describe(instance.id, call())).toBe('gone');
  });

  test('whose first process is killed is terminated, and nothing of it runs any more', async () => {
    const scene = await bootWithStrays(isolation);
    process.kill(leaderOf(scene), 'SIGKILL');
    const seen = await until('its end shows', async () => {
      const now = await scene.set.describe(scene.instance.id, call());
      return now !== 'gone' && now.lifecycle === 'terminated' ? now : undefined;
    });
    expect(seen).toMatchObject({ id: scene.instance.id, tags: setTags });
    expect(await scene.world.processes()).toEqual([]);
    const { instances, launchFailures } = await scene.set.list(setTags, call());
    expect(instances).toMatchObject([{ id: scene.instance.id, lifecycle: 'terminated' }]);
    expect(launchFailures).toEqual([]);
    await scene.set.destroy(scene.instance, call());
    expect(scene.world.entries()).toEqual([]);
  });

  test('of which every process is frozen can be destroyed', async () => {
    const { world, set, instance } = await bootWithStrays(isolation);
    for (const pid of await world.processes()) process.kill(pid, 'SIGSTOP');
    await set.destroy(instance, call());
    expect(await world.processes()).toEqual([]);
    expect(world.entries()).toEqual([]);
  });

  test('that keeps starting processes while it is destroyed leaves none', async () => {
    const world = newWorld();
    const set = await world.open({ driver: { isolation } });
    const instance = await createVm(set, 'vm');
    const client = await connect(instance);
    await run(client, '(while :; do setsid sleep 0.3 & sleep 0.005; done) >/dev/null 2>&1 &');
    await until('it is busy', async () => ((await world.processes()).length > 10 ? true : undefined));
    client.end();
    await set.destroy(instance, call());
    expect(await world.processes()).toEqual([]);
  });

  test('is found again by the next dispatcher, with its address and its connections', async () => {
    const world = newWorld();
    const first = await world.open({ driver: { isolation } });
    const instance = await createVm(first, 'vm');
    const client = await connect(instance);
    await first.close();
    const second = await world.open({ driver: { isolation } });
    expect((await second.list(setTags, call())).instances).toEqual([instance]);
    expect(await second.hostKeys?.(instance.id, call())).toEqual(await first.hostKeys?.(instance.id, call()));
    expect(await run(client, 'echo still connected')).toMatchObject({ stdout: 'still connected\n' });
    await second.destroy(instance, call());
    expect(await world.processes()).toEqual([]);
  });
});

test.runIf(possible)('a namespace also ends a process that has shed its environment', async () => {
  const world = newWorld();
  const set = await world.open();
  const instance = await createVm(set, 'vm');
  const client = await connect(instance);
  // Its name tells it from all others.
  const name = `stray-${process.pid}`;
  await run(client, `ln -s "$(command -v sleep)" ${name}; setsid env -i ./${name} 300 >/dev/null 2>&1 &`);
  const isRunning = (): boolean => execFileSync('ps', ['-A', '-o', 'args'], { encoding: 'utf8' }).includes(name);
  await until('the stray runs', () => isRunning() || undefined);
  client.end();
  await set.destroy(instance, call());
  expect(isRunning()).toBe(false);
});

test.runIf(possible)('a namespace keeps no zombies of orphans', async () => {
  const world = newWorld();
  const set = await world.open();
  const client = await connect(await createVm(set, 'vm'));
  await run(client, 'for n in 1 2 3 4 5; do (setsid sleep 0.02 >/dev/null 2>&1 &); done');
  await until('all have gone', async () => {
    const { stdout } = await run(client, 'ps -A -o stat=,comm=');
    return stdout.includes('sleep') ? undefined : true;
  });
  expect((await run(client, 'ps -A -o stat=')).stdout).not.toContain('Z');
});

test('a VM that died of itself leaves no folder when the set is closed', async () => {
  const world = newWorld();
  const set = await world.open();
  const instance = await createVm(set, 'vm');
  process.kill(leaderOf({ world, set, instance }), 'SIGKILL');
  await until('its end shows', async () => {
    const [seen] = (await set.list(setTags, call())).instances;
    return seen?.lifecycle === 'terminated' ? true : undefined;
  });
  expect(world.entries()).toEqual([instance.id]);
  await set.close();
  expect(world.entries()).toEqual([]);
});

test('a folder that a crash left without a process is terminated, and reported as a failed launch', async () => {
  const { world, id } = await halfMade();
  const set = await world.open();
  const seen = await set.list(setTags, call());
  expect(seen.instances).toMatchObject([{ id, lifecycle: 'terminated', address: '' }]);
  expect(seen.launchFailures).toMatchObject([{ createId: 'vm', offeringId: 'localhost@localhost', instanceId: id }]);
});

test('the same createId launches a VM of which a crash left only the folder', async () => {
  const { world, id } = await halfMade();
  const set = await world.open();
  expect(await createVm(set, 'vm')).toMatchObject({ id, lifecycle: 'running' });
  expect((await set.list(setTags, call())).instances).toHaveLength(1);
});

test('what a crash left of making or removing a folder goes with the next start', async () => {
  const world = newWorld();
  await world.open();
  for (const name of ['.new-vm-1', '.gone-vm-2']) mkdirSync(join(world.folder(name), 'root'), { recursive: true });
  await world.open();
  expect(world.entries()).toEqual([]);
});

test('processes whose folder a person has removed are ended at the next start', async () => {
  const world = newWorld();
  const set = await world.open();
  const instance = await createVm(set, 'vm');
  rmSync(world.folder(instance.id), { recursive: true });
  expect(await world.processes()).not.toEqual([]);
  await world.open();
  await until('they have ended', async () => ((await world.processes()).length === 0 ? true : undefined));
});

test('a leader of an earlier boot of the machine, or of a reused pid, does not count as alive', async () => {
  const world = newWorld();
  const set = await world.open();
  const instance = await createVm(set, 'vm');
  const path = join(world.folder(instance.id), 'leader');
  const [bootId = '', stat = ''] = readFileSync(path, 'utf8').split('\n');
  for (const forged of [`${'0'.repeat(36)}\n${stat}\n`, `${bootId}\n${process.pid} (node) S ${'1 '.repeat(40)}\n`]) {
    const leader = parseLeader(forged);
    expect(leader === undefined || isAlive(leader)).toBe(false);
  }
});

test('a VM of another set in the same folder is not touched', async () => {
  const world = newWorld();
  const ours = await world.open();
  const theirs = await world.open({ instanceSetId: 'set-b' });
  const kept = await createVm(theirs, 'same', { tags: [{ set: 'theirs' }] });
  const doomed = await createVm(ours, 'same');
  await ours.destroy(doomed, call());
  await ours.destroy(kept, call());
  expect((await ours.list({}, call())).instances).toEqual([]);
  expect((await theirs.list({ set: 'theirs' }, call())).instances).toEqual([kept]);
  expect(await run(await connect(kept), 'echo here')).toMatchObject({ stdout: 'here\n' });
});

test('a damaged folder says so, and how to mend it', async () => {
  const world = newWorld();
  const set = await world.open();
  const record = join(world.folder('vm-damaged'), 'vm.json');
  mkdirSync(world.folder('vm-damaged'));
  writeFileSync(record, '{}');
  onTestFinished(() => rmSync(world.folder('vm-damaged'), { recursive: true, force: true }));
  await expect(set.list({}, call())).rejects.toMatchObject({ code: 'CLOUD_INVALID_REQUEST', fix: expect.any(String) });
  rmSync(world.folder('vm-damaged'), { recursive: true });
  expect((await set.list({}, call())).instances).toEqual([]);
});

/** A VM's folder as it is between being made and the first process, made more than the grace time ago. */
async function halfMade(): Promise<{ readonly world: LoopbackWorld; readonly id: string }> {
  const world = newWorld();
  const set = await world.open({ driver: { vmCommand: ['/bin/false'] } });
  await set.create(request(set, 'vm'), call());
  const [id = ''] = world.entries();
  const folder = world.folder(id);
  rmSync(join(folder, 'leader'));
  const record = join(folder, 'vm.json');
  const aged = readFileSync(record, 'utf8').replace(/"createdAtMs":\d+/, '"createdAtMs":1000');
  writeFileSync(`${record}.aged`, aged);
  renameSync(`${record}.aged`, record);
  expect(existsSync(folder)).toBe(true);
  return { world, id };
}
