import { NotFoundError } from '@drover/spec';
import { describe, expect, test } from 'vitest';
import type { DriverHarness } from './driver-harness.ts';
import { call, created, createRequest, createVms, goneFor, listed } from './driver-looks.ts';
import { createVm, everyVerb, openWorld, typedErrorOf } from './driver-steps.ts';

/** What every driver must do in a cloud that works. */
export function driverContract(harness: DriverHarness): void {
  describe('contract', () => {
    describeOfferings(harness);
    describeCreate(harness);
    describeListing(harness);
    describeLife(harness);
    describeNeighbours(harness);
  });
}

function describeOfferings(harness: DriverHarness): void {
  test('every type has offerings, the same ones each time, with ids of their own', async () => {
    const { set, instanceType } = await openWorld(harness);
    const offerings = set.offerings(instanceType);
    expect(offerings.length).toBeGreaterThan(0);
    expect(set.offerings(instanceType)).toEqual(offerings);
    expect(new Set(offerings.map((offering) => offering.id)).size).toBe(offerings.length);
    for (const offering of offerings) {
      expect(offering.instanceType).toBe(instanceType.name);
      expect(offering.pricePerHour).toBeGreaterThanOrEqual(0);
    }
    expect(set.quotaGroup?.(instanceType)).toEqual(set.quotaGroup?.(instanceType));
  });
}

function describeCreate(harness: DriverHarness): void {
  test('a batch gives as many results, each VM with its own tags from the first look on', async () => {
    const world = await openWorld(harness);
    const instances = await createVms(world, 'batch', 3);
    expect(new Set(instances.map((instance) => instance.id)).size).toBe(3);
    for (const [index, instance] of instances.entries()) {
      const tags = { ...world.setTags, 'conformance-number': `${index}` };
      expect(instance.tags).toMatchObject(tags);
      expect(['pending', 'running']).toContain(instance.lifecycle);
      // Whatever listing shows it first shows all its tags.
      expect((await listed(harness, world, instance.id)).tags).toMatchObject(tags);
    }
  });

  test('the same createId again creates nothing new, also after a restart', async () => {
    const world = await openWorld(harness);
    const first = await createVms(world, 'once', 2);
    const ids = first.map((instance) => instance.id);
    expect((await createVms(world, 'once', 2)).map((instance) => instance.id)).toEqual(ids);
    const restarted = await world.reopen();
    const again = await restarted.create(createRequest(world, 'once', { count: 2, set: restarted }), call());
    expect(created(again).map((instance) => instance.id)).toEqual(ids);
    for (const id of ids) await listed(harness, world, id);
    expect((await world.set.list(world.setTags, call())).instances).toHaveLength(2);
  });

  test('another createId creates another VM', async () => {
    const world = await openWorld(harness);
    const one = await createVm(world, 'one');
    const other = await createVm(world, 'other');
    expect(other.id).not.toBe(one.id);
  });

  test('a request that makes no sense is refused with a typed error', async () => {
    const world = await openWorld(harness);
    const error = await typedErrorOf(world.set.create({ ...createRequest(world, 'none'), count: 0 }, call()));
    expect(error.retryable).toBe(false);
  });
}

function describeListing(harness: DriverHarness): void {
  test('a listing has every VM that carries all of the tags, and no other', async () => {
    const world = await openWorld(harness);
    const instances = await createVms(world, 'listed', 3);
    for (const { id } of instances) await listed(harness, world, id);
    const idsWith = async (tags: Readonly<Record<string, string>>): Promise<readonly string[]> =>
      (await world.set.list(tags, call())).instances.map((instance) => instance.id).toSorted();
    expect(await idsWith(world.setTags)).toEqual(instances.map((instance) => instance.id).toSorted());
    expect(await idsWith({ ...world.setTags, 'conformance-number': '1' })).toEqual([instances[1]?.id]);
    expect(await idsWith({ ...world.setTags, 'conformance-number': 'none' })).toEqual([]);
  });

  test('set tags are merged into what is there', async () => {
    const world = await openWorld(harness);
    const instance = await createVm(world, 'tagged');
    await listed(harness, world, instance.id);
    await world.set.setTags(instance, { added: 'first' }, call());
    await world.set.setTags(instance, { other: 'second', 'conformance-number': 'changed' }, call());
    const expected = { ...world.setTags, added: 'first', other: 'second', 'conformance-number': 'changed' };
    const seen = await listed(harness, world, instance.id, (i) => i.tags['other'] === 'second');
    expect(seen.tags).toMatchObject(expected);
    const restarted = await world.reopen();
    const [after] = (await restarted.list(world.setTags, call())).instances;
    expect(after?.tags).toMatchObject(expected);
  });
}

function describeLife(harness: DriverHarness): void {
  test('a VM comes to run, and has an address; list and describe agree', async () => {
    const world = await openWorld(harness);
    const { id } = await createVm(world, 'runs');
    const running = await listed(harness, world, id, (i) => i.lifecycle === 'running' && i.address !== '');
    expect(await world.set.describe(id, call())).toEqual(running);
    expect(running.providerType).toBe(world.instanceType.providerType);
    const keys = (await world.set.hostKeys?.(id, call())) ?? [];
    for (const key of keys) expect(key).toMatch(/^\S+ [A-Za-z0-9+/]+=*$/);
  });

  test('a VM that never was is gone; destroying it is success, tagging it is not', async () => {
    const world = await openWorld(harness);
    expect(await world.set.describe(world.unknownId, call())).toBe('gone');
    const ghost = {
      id: world.unknownId,
      providerType: world.instanceType.providerType,
      lifecycle: 'running',
      tags: world.setTags,
      address: '',
    } as const;
    await world.set.destroy(ghost, call());
    expect(await typedErrorOf(world.set.setTags(ghost, { a: 'b' }, call()))).toBeInstanceOf(NotFoundError);
  });

  test('a destroyed VM comes to be gone for certain; destroying it again is success', async () => {
    const world = await openWorld(harness);
    const [doomed, spared] = await createVms(world, 'destroyed', 2);
    if (doomed === undefined || spared === undefined) throw new Error('two VMs were asked for');
    await listed(harness, world, spared.id, (i) => i.lifecycle === 'running');
    await world.set.destroy(doomed, call());
    await world.set.destroy(doomed, call());
    await goneFor(harness, world, doomed.id);
    await world.set.destroy(doomed, call());
    const alive = (await world.set.list(world.setTags, call())).instances.filter((i) => i.lifecycle !== 'terminated');
    expect(alive.map((instance) => instance.id)).toEqual([spared.id]);
  });

  test('a VM is destroyed while it still boots', async () => {
    const world = await openWorld(harness);
    const instance = await createVm(world, 'young');
    await world.set.destroy(instance, call());
    await goneFor(harness, world, instance.id);
    const { instances } = await world.set.list(world.setTags, call());
    expect(instances.filter((i) => i.lifecycle !== 'terminated')).toEqual([]);
  });
}

function describeNeighbours(harness: DriverHarness): void {
  test("another dispatcher's VMs are neither listed nor touched", async () => {
    const world = await openWorld(harness);
    const other = await world.openOther();
    const request = createRequest(world, 'theirs', { set: other.set, setTags: other.setTags });
    const [theirs] = created(await other.set.create(request, call()));
    if (theirs === undefined) throw new Error('one VM was asked for');
    const ours = await createVm(world, 'ours');
    await listed(harness, world, ours.id);
    expect((await world.set.list(world.setTags, call())).instances.map((instance) => instance.id)).toEqual([ours.id]);
    await world.set.destroy(ours, call());
    await goneFor(harness, world, ours.id);
    const left = await other.set.describe(theirs.id, call());
    expect(left).toMatchObject({ id: theirs.id, tags: other.setTags });
    expect(left).not.toMatchObject({ lifecycle: 'terminated' });
    await other.set.destroy(theirs, call());
    await other.set.close();
  });

  test('an aborted call fails at once, typed, and has done nothing', async () => {
    const world = await openWorld(harness);
    const instance = await createVm(world, 'aborted');
    await listed(harness, world, instance.id, (i) => i.lifecycle === 'running');
    const signal = AbortSignal.abort(new Error('deadline'));
    for (const [, verb] of everyVerb(world, instance))
      expect(await typedErrorOf(verb({ signal }))).toMatchObject({ code: 'CLOUD_TRANSIENT', cause: signal.reason });
    const { instances } = await world.set.list(world.setTags, call());
    expect(instances).toMatchObject([{ id: instance.id, lifecycle: 'running' }]);
    expect(instances[0]?.tags).not.toHaveProperty('a');
  });

  test('closing leaves the VMs, and the next dispatcher finds them', async () => {
    const world = await openWorld(harness);
    const instance = await createVm(world, 'kept');
    const before = await listed(harness, world, instance.id, (i) => i.lifecycle === 'running');
    await world.set.close();
    const restarted = await world.reopen();
    expect((await restarted.list(world.setTags, call())).instances).toEqual([before]);
  });
}
