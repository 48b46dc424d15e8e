import { AuthError } from '@drover/spec';
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

  test.each([
    { name: 'quota', faults: { quota: 0 } },
    { name: 'capacity', faults: { outOfCapacity: { all: true } } },
  ])('creates that wait for a permit while another one meets the end of $name are not sent', async ({ faults }) => {
    const world = new World({ pool: { maxCreateBatch: 1, throttle: { maxCloudOpsPerSecond: 1 } } });
    const pool = await world.start();
    await world.advance(5_000);
    Object.assign(world.cloud.faults, faults);
    pool.apply([create('small'), create('small'), create('small')]);
    expect(pool.snapshot().pendingCreates).toHaveLength(3);
    await world.advance(10_000);
    expect(world.cloud.calls.create).toBe(1);
    expect(pool.snapshot().pendingCreates).toEqual([]);
    expect(world.store.open.size).toBe(0);
    // Nothing was learnt from calls that were never made: the hold is that of the one answer.
    await world.advance(51_000);
    expect(pool.snapshot().admission.atQuota || pool.snapshot().admission.typesAtCapacity.size > 0).toBe(false);
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

  test('a batch of which every VM is refused counts as one refusal: creates pause once, not longer for each', async () => {
    const world = new World();
    const pool = await world.start();
    world.cloud.create = async ({ count }) =>
      Array.from({ length: count }, () => ({ ok: false, error: new AuthError('expired') }));
    pool.apply([create('small'), create('small'), create('small')]);
    await world.advance(59_000);
    expect(pool.apply([create('small')])).toEqual([declined('cloud-error')]);
    await world.advance(1_000);
    expect(pool.apply([create('small')])).toEqual([{ kind: 'done' }]);
    expect(world.eventsOf('create-failed')).toHaveLength(3);
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
