import type { IdleBehavior, InstanceId } from '@drover/spec';
import { describe, expect, test } from 'vitest';
import { container, World } from './pool-fixture.ts';

const call = { signal: new AbortController().signal };
const untouched = { pool: { timeoutIdleMs: 1e9 }, hosts: { planRun: () => ({ runTimeMs: 1e9 }) } };

/** A pool with one idle VM. */
async function worldWithVm(): Promise<{ world: World; id: InstanceId }> {
  const world = new World(untouched);
  await world.start();
  return { world, id: await world.bootOne() };
}

/** The dispatcher is gone from one moment to the next, and another one has taken over. */
async function successor(world: World): Promise<void> {
  await world.pool.stop();
  await world.start();
  await world.advance(1_000);
}

function tagOf(world: World, id: InstanceId, name: string): string | undefined {
  return world.cloud.vms.find((vm) => vm.id === id)?.tags[`Arvados${name}`];
}

describe('an operator who was told that it was done', () => {
  test.each<IdleBehavior>(['hold', 'drain'])('finds %s with the next dispatcher, tag or no tag', async (behavior) => {
    const { world, id } = await worldWithVm();
    world.startOn(id, container('keeps-it-busy'));
    await world.advance(1_000);
    world.cloud.faults.calls.setTags = { failRate: 1 };
    expect(await world.pool.setBehavior(id, behavior, 'op')).toEqual({ kind: 'done' });
    await successor(world);
    expect(tagOf(world, id, 'IdleBehavior')).toBe('run');
    expect(world.worker(id)?.idleBehavior).toBe(behavior);
    world.cloud.faults.calls = {};
    await world.advance(60_000);
    expect(tagOf(world, id, 'IdleBehavior')).toBe(behavior);
  });

  test('finds the last of several, although the list shows the tags of the first', async () => {
    const { world, id } = await worldWithVm();
    await world.pool.setBehavior(id, 'hold', 'op');
    await world.advance(1_000);
    const stale = await world.cloud.list({}, call);
    await world.pool.setBehavior(id, 'run', 'op');
    await world.advance(1_000);
    expect(tagOf(world, id, 'IdleBehavior')).toBe('run');
    world.cloud.list = async () => stale;
    await successor(world);
    expect(world.worker(id)?.idleBehavior).toBe('run');
    expect(tagOf(world, id, 'IdleBehavior')).toBe('run');
  });

  test('finds the last although the tags were as old as the list when it was written', async () => {
    const { world, id } = await worldWithVm();
    world.startOn(id, container('keeps-it-busy'));
    const stale = await world.cloud.list({}, call);
    await world.pool.setBehavior(id, 'drain', 'op');
    await world.advance(1_000);
    world.cloud.faults.calls.setTags = { failRate: 1 };
    world.cloud.list = async () => stale;
    await world.advance(60_000);
    world.cloud.faults.calls = {};
    await world.pool.setBehavior(id, 'run', 'op');
    await world.advance(1_000);
    Reflect.deleteProperty(world.cloud, 'list');
    await successor(world);
    expect(world.worker(id)?.idleBehavior).toBe('run');
  });

  test('finds it also when a dispatcher that does not know of its successor looks at the tags', async () => {
    const { world, id } = await worldWithVm();
    const [vm] = world.cloud.vms;
    if (vm === undefined) throw new Error('no VM');
    await world.cloud.setTags(vm, { ArvadosIdleBehavior: 'drain', ArvadosIdleBehaviorDecision: '1000-1' }, call);
    await world.advance(120_000);
    expect(tagOf(world, id, 'IdleBehavior')).toBe('drain');
  });

  test('is not told so when the store cannot keep it, and nothing has changed', async () => {
    const { world, id } = await worldWithVm();
    world.store.failing = true;
    await expect(world.pool.setBehavior(id, 'hold', 'op')).rejects.toThrow('the store is down');
    expect(world.worker(id)?.idleBehavior).toBe('run');
    await world.advance(1_000);
    expect(tagOf(world, id, 'IdleBehavior')).toBe('run');
  });

  test('does not find it with the next dispatcher either, once the store works again', async () => {
    const { world, id } = await worldWithVm();
    world.store.failing = true;
    await expect(world.pool.setBehavior(id, 'hold', 'op')).rejects.toThrow('the store is down');
    expect(world.store.decided.get(id), 'nobody knows that it landed').toMatchObject({ behavior: 'hold' });
    await world.advance(20_000);
    world.store.failing = false;
    await world.advance(10_000);
    await successor(world);
    expect(world.worker(id)?.idleBehavior).toBe('run');
  });

  test('is refused when the VM began to go meanwhile, and no later dispatcher finds it decided', async () => {
    const { world, id } = await worldWithVm();
    world.cloud.faults.destroyIgnoredRate = 1;
    const outcome = world.pool.setBehavior(id, 'hold', 'op');
    world.pool.killInstance(id, 'op');
    expect(await outcome).toMatchObject({ reason: 'busy' });
    await successor(world);
    expect(world.worker(id)?.idleBehavior).toBe('run');
  });

  test('is told when there is no such VM, or it goes already', async () => {
    const { world, id } = await worldWithVm();
    expect(await world.pool.setBehavior('i-none', 'hold', 'op')).toMatchObject({ reason: 'not-found' });
    world.cloud.faults.destroyIgnoredRate = 1;
    world.pool.killInstance(id, 'op');
    expect(await world.pool.setBehavior(id, 'hold', 'op')).toMatchObject({ reason: 'busy' });
    expect(world.store.decided.get(id)).toBeUndefined();
  });
});

test("the pool's own decision after an operator's is the later one", async () => {
  const { world, id } = await worldWithVm();
  world.startOn(id, container('keeps-it-busy'));
  await world.pool.setBehavior(id, 'hold', 'op');
  await world.pool.setBehavior(id, 'run', 'op');
  world.hosts.get(id)?.agent.breakDown('the disk is full');
  await world.advance(1_000);
  expect(world.store.decided.get(id)).toEqual({ behavior: 'drain', epoch: 1, number: 3 });
  await successor(world);
  expect(world.worker(id)?.idleBehavior).toBe('drain');
});

test("the pool's own decision is on record although the store failed when it was made", async () => {
  const { world, id } = await worldWithVm();
  world.startOn(id, container('keeps-it-busy'));
  await world.advance(1_000);
  world.store.setBehavior = async () => Promise.reject(new Error('busy'));
  world.hosts.get(id)?.agent.breakDown('the disk is full');
  await world.advance(1_000);
  Reflect.deleteProperty(world.store, 'setBehavior');
  await world.advance(10_000);
  expect(world.store.decided.get(id)).toEqual({ behavior: 'drain', epoch: 1, number: 1 });
});

test('what a dispatcher writes that has been replaced does not count', async () => {
  const { world, id } = await worldWithVm();
  await successor(world);
  await world.pool.setBehavior(id, 'run', 'op');
  const vm = world.cloud.vms.find((each) => each.id === id);
  if (vm === undefined) throw new Error('no VM');
  await world.cloud.setTags(vm, { ArvadosIdleBehavior: 'drain', ArvadosIdleBehaviorDecision: '1-9' }, call);
  await successor(world);
  expect(world.worker(id)?.idleBehavior).toBe('run');
});

test('a tag that somebody has changed since, by hand or with another dispatcher, counts', async () => {
  const { world, id } = await worldWithVm();
  await world.pool.setBehavior(id, 'hold', 'op');
  await world.pool.setBehavior(id, 'run', 'op');
  await world.advance(1_000);
  await world.pool.stop();
  const vm = world.cloud.vms.find((each) => each.id === id);
  if (vm === undefined) throw new Error('no VM');
  await world.cloud.setTags(vm, { ArvadosIdleBehavior: 'hold' }, call);
  await world.start();
  await world.advance(1_000);
  expect(world.worker(id)?.idleBehavior).toBe('hold');
});

test('a decision about a VM goes with the VM', async () => {
  const { world, id } = await worldWithVm();
  await world.pool.setBehavior(id, 'hold', 'op');
  world.pool.killInstance(id, 'op');
  await world.advance(120_000);
  expect(world.instance(id)).toBeUndefined();
  expect([...world.store.decided, ...world.store.pinned]).toEqual([]);
});
