import { describe, expect, test } from 'vitest';
import { types, World } from './pool-fixture.ts';

const create = (instanceType: string) => ({ kind: 'create', instanceType }) as const;
const declined = (reason: string) => ({ kind: 'declined', reason });

describe('create', () => {
  test('is declined until the first complete listing', async () => {
    const world = new World();
    const pool = world.makePool();
    expect(pool.apply([create('small')])).toEqual([declined('not-ready')]);
    expect(pool.snapshot().ready).toBe(false);
  });

  test('shows at once as pending and as an instance without id, counts for maxInstances, then as booting', async () => {
    const world = new World({
      cloud: { latency: { minMs: 2_000, maxMs: 2_000 } },
      pool: { maxInstances: 2 },
    });
    const started = world.makePool().start();
    await world.advance(2_000);
    await started;
    const { pool } = world;
    expect(pool.apply([create('small'), create('small'), create('small')])).toEqual([
      { kind: 'done' },
      { kind: 'done' },
      declined('at-quota'),
    ]);
    expect(pool.snapshot()).toMatchObject({
      workers: [],
      pendingCreates: [{ instanceType: 'small' }, { instanceType: 'small' }],
      admission: { atQuota: true, quotaRoom: 0 },
    });
    expect(pool.instances()).toMatchObject([
      { instanceId: '', state: 'booting', instanceType: 'small' },
      { instanceId: '', state: 'booting' },
    ]);
    expect((await pool.countsByState()).booting).toBe(0);
    await world.advance(2_000);
    expect(pool.snapshot()).toMatchObject({
      workers: [{ state: 'booting' }, { state: 'booting' }],
      pendingCreates: [],
    });
    expect(world.cloud.calls.create, 'equal creates of a pass go in one call').toBe(1);
  });

  test('goes to the cheapest offering that is available', async () => {
    const world = new World({
      cloud: {
        zones: [
          { name: 'dear', priceFactor: 2 },
          { name: 'cheap', priceFactor: 1 },
        ],
      },
    });
    const pool = await world.start();
    world.cloud.faults.outOfCapacity = { offerings: ['small@cheap'] };
    pool.apply([create('small')]);
    await world.advance(10);
    expect(pool.snapshot().workers).toEqual([]);
    expect(pool.snapshot().admission.typesAtCapacity.size, 'the other zone is left').toBe(0);
    pool.apply([create('small')]);
    await world.advance(10);
    expect(pool.snapshot().workers).toMatchObject([{ offeringId: 'small@dear', pricePerHour: 2 }]);
  });

  test('a capacity answer closes the type for 60 s, and the end of that wakes the scheduler', async () => {
    const world = new World();
    const pool = await world.start();
    world.cloud.faults.outOfCapacity = { instanceTypes: ['small'] };
    pool.apply([create('small')]);
    await world.advance(10);
    expect([...pool.snapshot().admission.typesAtCapacity]).toEqual(['small']);
    expect(pool.apply([create('small'), create('large')])).toEqual([declined('at-capacity'), { kind: 'done' }]);
    const woken: number[] = [];
    pool.onChange(() => woken.push(world.clock.monotonicMs()));
    await world.advance(59_980);
    expect(pool.snapshot().admission.typesAtCapacity.size).toBe(1);
    await world.advance(20);
    expect(woken.at(-1)).toBeGreaterThanOrEqual(60_000);
    expect(pool.snapshot().admission.typesAtCapacity.size).toBe(0);
  });

  test('a quota answer holds until a listing finds fewer', async () => {
    const world = new World({ pool: { timeoutIdleMs: 1e9 } });
    const pool = await world.start();
    const id = await world.bootOne();
    world.cloud.faults.quota = 1;
    pool.apply([create('large')]);
    await world.advance(10);
    expect(pool.snapshot().admission).toMatchObject({ atQuota: true, quotaRoom: 0 });
    expect(pool.snapshot().admission.notes.join()).toContain('no more than 1');
    await world.advance(120_000);
    expect(pool.snapshot().admission.atQuota).toBe(true);
    pool.killInstance(id, 'test');
    await world.advance(40_000);
    expect(pool.snapshot().workers).toEqual([]);
    expect(pool.snapshot().admission.atQuota).toBe(false);
  });

  test('a quota answer without any instance holds for 60 s', async () => {
    const world = new World();
    const pool = await world.start();
    world.cloud.faults.quota = 0;
    pool.apply([create('small')]);
    await world.advance(59_000);
    expect(pool.apply([create('small')])).toEqual([declined('at-quota')]);
    await world.advance(1_100);
    expect(pool.snapshot().admission.atQuota).toBe(false);
  });

  test('a rate limit holds creates as long as the cloud says', async () => {
    const world = new World();
    const pool = await world.start();
    world.cloud.faults.calls = { create: { throttleRate: 1, retryAfterMs: 30_000 } };
    pool.apply([create('small')]);
    await world.advance(10);
    world.cloud.faults.calls = {};
    expect(pool.snapshot()).toMatchObject({
      pendingCreates: [],
      admission: { createRoom: 0, decline: 'rate-limited' },
    });
    await world.advance(29_000);
    expect(pool.apply([create('small')])).toEqual([declined('rate-limited')]);
    await world.advance(1_100);
    expect(pool.apply([create('small')])).toEqual([{ kind: 'done' }]);
    expect(world.cloud.calls.create).toBe(1);
  });

  test('refused credentials stop creating, show in health, and are tried again slowly', async () => {
    const world = new World();
    const pool = await world.start();
    world.cloud.faults.authBroken = true;
    pool.apply([create('small')]);
    await world.advance(10);
    expect(pool.apply([create('large')])).toEqual([declined('cloud-error')]);
    expect(pool.health()).toMatchObject({ ok: false });
    expect(pool.health().problems.join()).toContain('credentials');
    expect(pool.snapshot().admission.notes.join()).toContain('credentials');
    world.cloud.faults.authBroken = false;
    await world.advance(60_000);
    expect(pool.apply([create('large')])).toEqual([{ kind: 'done' }]);
    await world.advance(10);
    expect(pool.snapshot().workers).toHaveLength(1);
    await world.advance(60_000);
    expect(pool.health()).toEqual({ ok: true, problems: [] });
  });

  test('no more calls at a time than maxConcurrentCreates; room again as one ends', async () => {
    const world = new World({
      cloud: { latency: { minMs: 2_000, maxMs: 2_000 } },
      pool: { maxConcurrentCreates: 1 },
    });
    const started = world.makePool().start();
    await world.advance(2_000);
    await started;
    const { pool } = world;
    expect(pool.apply([create('small'), create('large')])).toEqual([{ kind: 'done' }, declined('too-many-creates')]);
    expect(pool.snapshot().admission).toMatchObject({ createRoom: 0, decline: 'too-many-creates' });
    await world.advance(2_000);
    expect(pool.apply([create('large')])).toEqual([{ kind: 'done' }]);
  });

  test('a batch that is only partly made keeps what was made', async () => {
    const world = new World();
    const pool = await world.start();
    world.cloud.faults.partialBatchRate = 1;
    pool.apply([create('small'), create('small'), create('small')]);
    await world.advance(10);
    expect(pool.snapshot()).toMatchObject({ workers: [{ state: 'booting' }], pendingCreates: [] });
    expect([...pool.snapshot().admission.typesAtCapacity]).toEqual(['small']);
  });

  test('without a runner nothing is created, and health says so', async () => {
    const world = new World();
    let fails = true;
    const pool = world.makePool({
      runner: {
        load: async () => {
          if (fails) throw new Error('agent.mjs is missing');
          return world.runner;
        },
      },
    });
    const started = pool.start();
    await world.advance(0);
    await started;
    expect(pool.apply([create('small')])).toEqual([declined('runner-unavailable')]);
    expect(pool.health().problems).toEqual(['runner: agent.mjs is missing']);
    fails = false;
    await world.advance(60_000);
    expect(pool.apply([create('small')])).toEqual([{ kind: 'done' }]);
  });

  test('an unknown type is declined', async () => {
    const world = new World();
    const pool = await world.start();
    expect(pool.apply([create('huge')])).toEqual([declined('not-found')]);
    expect(types.map((t) => t.name)).not.toContain('huge');
  });
});

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
