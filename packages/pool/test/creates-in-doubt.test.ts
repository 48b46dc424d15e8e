import { describe, expect, test } from 'vitest';
import { World } from './pool-fixture.ts';

const create = (instanceType: string) => ({ kind: 'create', instanceType }) as const;

describe('creates whose outcome is not known', () => {
  test('are repeated with the same id and make nothing twice', async () => {
    const world = new World();
    const pool = await world.start();
    world.cloud.faults.calls = { create: { answerLostRate: 1 } };
    pool.apply([create('small')]);
    await world.advance(10);
    expect(pool.snapshot()).toMatchObject({ workers: [], pendingCreates: [{ instanceType: 'small' }] });
    world.cloud.faults.calls = {};
    await world.advance(1_100);
    expect(pool.snapshot()).toMatchObject({ workers: [{ state: 'booting' }], pendingCreates: [] });
    expect(world.cloud.vms).toHaveLength(1);
  });

  test('count as instances until listings long enough after do not show them', async () => {
    const world = new World({ pool: { maxInstances: 1 } });
    const pool = await world.start();
    world.cloud.faults.calls = { create: { failRate: 1 } };
    pool.apply([create('small')]);
    await world.advance(9_000);
    expect(world.cloud.calls.create).toBe(4);
    expect(pool.snapshot()).toMatchObject({ pendingCreates: [], admission: { atQuota: true } });
    expect(world.store.open.size).toBe(1);
    await world.advance(150_000);
    expect(pool.snapshot().admission.atQuota).toBe(false);
    expect(world.store.open.size).toBe(0);
  });

  test('that a listing shows first become booting workers, once', async () => {
    const world = new World({ pool: { syncIntervalMs: 500 } });
    const pool = await world.start();
    world.cloud.faults.calls = { create: { hangRate: 1 } };
    pool.apply([create('small')]);
    await world.advance(600);
    expect(pool.snapshot()).toMatchObject({ workers: [{ state: 'booting' }], pendingCreates: [] });
    world.cloud.faults.calls = {};
    await world.advance(400_000);
    expect(world.eventsOf('instance-appeared')).toHaveLength(1);
  });

  test('stay in doubt when the cloud refuses to hear them again', async () => {
    const world = new World({ pool: { maxInstances: 1 } });
    const pool = await world.start();
    world.cloud.faults.calls = { create: { answerLostRate: 1 } };
    pool.apply([{ kind: 'create', instanceType: 'small' }]);
    await world.advance(500);
    expect(world.cloud.vms).toHaveLength(1);
    world.cloud.faults.calls = { create: { throttleRate: 1, retryAfterMs: 1_000 } };
    world.cloud.faults.vanishRate = 1;
    await world.advance(4_000);
    expect(world.cloud.calls.create).toBe(2);
    expect(pool.snapshot().admission).toMatchObject({ atQuota: true, quotaRoom: 0 });
    world.cloud.faults.calls = {};
    expect(pool.apply([{ kind: 'create', instanceType: 'small' }])).toMatchObject([{ reason: 'at-quota' }]);
    world.cloud.faults.vanishRate = 0;
    await world.advance(90_000);
    expect(pool.snapshot().workers).toHaveLength(1);
  });

  test('are written down before the cloud is asked; without that it is not asked', async () => {
    const world = new World();
    const pool = await world.start();
    world.store.failing = true;
    pool.apply([create('small')]);
    await world.advance(10);
    expect(world.cloud.calls.create).toBe(0);
    expect(pool.snapshot().pendingCreates).toEqual([]);
    expect(world.eventsOf('create-failed')).toHaveLength(1);
    expect(pool.apply([create('large')]), 'and not tried again at once').toEqual([
      { kind: 'declined', reason: 'cloud-error' },
    ]);
    expect(pool.health().problems.join()).toContain('the store is down');
    world.store.failing = false;
    await world.advance(1_000);
    expect(pool.apply([create('large')])).toEqual([{ kind: 'done' }]);
  });

  test('are remembered over a restart: a VM made meanwhile is found, a VM not made is forgotten', async () => {
    const world = new World({ pool: { maxInstances: 3, timeoutIdleMs: 1e9 } });
    const pool = await world.start();
    world.cloud.faults.calls = { create: { hangRate: 1 } };
    pool.apply([create('small')]);
    await world.advance(10);
    world.cloud.faults.calls = { create: { failRate: 1 } };
    pool.apply([create('large')]);
    await world.advance(10);
    await pool.stop();
    world.cloud.faults.calls = {};
    const next = await world.start();
    expect(next.snapshot()).toMatchObject({ workers: [{ state: 'unknown', instanceType: 'small' }] });
    expect(next.snapshot().admission.quotaRoom, 'the other may exist').toBe(1);
    await world.advance(150_000);
    expect(next.snapshot().admission.quotaRoom).toBe(2);
    expect(world.store.open.size).toBe(0);
  });

  test('launches that fail late feed quota and capacity', async () => {
    const world = new World({ cloud: { bootDelay: { minMs: 1_000, maxMs: 1_000 } } });
    const pool = await world.start();
    world.cloud.faults.launchFailureRate = 1;
    pool.apply([create('small')]);
    await world.advance(70_000);
    expect(world.eventsOf('capacity-unavailable').length + world.eventsOf('quota-reached').length).toBe(1);
    expect(pool.snapshot().workers).toEqual([]);
  });
});
