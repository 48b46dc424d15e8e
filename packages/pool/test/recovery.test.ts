import { describe, expect, test } from 'vitest';
import { container, types, World } from './pool-fixture.ts';

const busy = { planRun: () => ({ runTimeMs: 300_000 }) };

describe('a new dispatcher', () => {
  test('finds VMs as unknown, adopts what runs there, and collects what has ended', async () => {
    const world = new World({
      hosts: {
        latencyMs: 20,
        planRun: (s) => ({ runTimeMs: s.container.command[0] === 'a' ? 10 : 300_000, stdout: 'out' }),
      },
    });
    const first = await world.start();
    const id = await world.bootOne();
    world.startOn(id, container('a'));
    world.startOn(id, container('b', 4));
    await world.advance(100);
    await first.stop();
    const second = world.makePool();
    const started = second.start();
    await world.advance(0);
    await started;
    expect(second.snapshot()).toMatchObject({ ready: true, unknownWorkers: 1, workers: [{ state: 'unknown' }] });
    await world.advance(1_000);
    expect(second.snapshot()).toMatchObject({
      unknownWorkers: 0,
      workers: [
        { state: 'running', containers: [{ uuid: container('b').entry.uuid, generation: 4, phase: 'running' }] },
      ],
      finished: [{ uuid: container('a').entry.uuid, logs: [{ stream: 'stdout' }] }],
    });
    const adopted = world.eventsOf('container-adopted').map((event) => event.uuid);
    expect(adopted).toContain(container('b').entry.uuid);
  });

  test('does not know what runs on a VM that it shuts down without having heard of it, until the VM is gone', async () => {
    const world = new World({ hosts: busy, cloud: { stopDelay: { minMs: 90_000, maxMs: 90_000 } } });
    const first = await world.start();
    const id = await world.bootOne();
    world.startOn(id, container('a'));
    await world.advance(100);
    await first.stop();
    const host = world.hosts.get(id);
    if (host === undefined) throw new Error('no host');
    host.faults.refuseConnections = true;
    const second = await world.start();
    await world.advance(640_000);
    expect(second.snapshot()).toMatchObject({ unknownWorkers: 1, workers: [{ state: 'shutdown' }] });
    await world.advance(200_000);
    expect(second.snapshot()).toMatchObject({ unknownWorkers: 0, workers: [] });
  });

  test('takes what a command lists for all that runs only when no start can be on its way any more', async () => {
    const world = new World({ hosts: { ...busy, latencyMs: 20, faults: { lingerRate: 1, lingerMs: 20_000 } } });
    const first = await world.start();
    const id = await world.bootOne();
    const host = world.hosts.get(id);
    if (host === undefined) throw new Error('no host');
    host.faults.refuseChannels = true;
    world.startOn(id, container('a'));
    host.resetConnections();
    await first.stop();
    const second = await world.start();
    await world.advance(15_000);
    expect(host.liveRuns, 'the start is still on its way').toEqual([]);
    expect(second.snapshot()).toMatchObject({ unknownWorkers: 1, workers: [{ containers: [] }] });
    await world.advance(20_000);
    expect(host.liveRuns).toHaveLength(1);
    expect(second.snapshot()).toMatchObject({ unknownWorkers: 1, workers: [{ containers: [{ generation: 1 }] }] });
    await world.advance(60_000);
    expect(second.snapshot().unknownWorkers, 'the accept lease is over').toBe(0);
  });

  test('fences the old one: its starts are refused', async () => {
    const world = new World({ hosts: busy });
    const first = await world.start();
    const id = await world.bootOne();
    const second = world.makePool();
    second.start().catch(() => undefined);
    await world.advance(1_000);
    expect(second.snapshot().workers).toMatchObject([{ state: 'idle' }]);
    first.apply([{ kind: 'start', instanceId: id, container: container('a') }]);
    await world.advance(1_000);
    expect(world.hosts.get(id)?.liveRuns).toEqual([]);
    expect(first.snapshot().exited).toMatchObject([{ reason: 'not-started' }]);
    expect(second.snapshot().workers).toMatchObject([{ state: 'idle', containers: [] }]);
  });

  test('restores idle behaviours from the tags; anything invalid means run, and is put right', async () => {
    const world = new World({ pool: { timeoutIdleMs: 1e9 } });
    const first = await world.start();
    const held = await world.bootOne();
    const other = await world.bootOne();
    await first.setBehavior(held, 'hold', 'op');
    await world.advance(10);
    await first.stop();
    const vm = world.cloud.vms.find((v) => v.id === other);
    if (vm === undefined) throw new Error('no VM');
    await world.cloud.setTags(vm, { ArvadosIdleBehavior: 'nonsense' }, { signal: new AbortController().signal });
    await world.start();
    await world.advance(1_000);
    expect(world.worker(held)?.idleBehavior).toBe('hold');
    expect(world.worker(other)?.idleBehavior).toBe('run');
    expect(world.cloud.vms.find((v) => v.id === other)?.tags['ArvadosIdleBehavior']).toBe('run');
  });

  test('drains VMs whose type is no longer configured, unless on hold', async () => {
    const world = new World({ hosts: busy });
    const first = await world.start();
    const small = await world.bootOne('small');
    const held = await world.bootOne('small');
    await first.setBehavior(held, 'hold', 'op');
    world.startOn(small, container('a'));
    await world.advance(10);
    await first.stop();
    const second = world.makePool({ options: { instanceSetId: 'set', instanceTypes: [], bootProbeCommand: 'true' } });
    const started = second.start();
    await world.advance(1_000);
    await started;
    expect(world.worker(small)).toMatchObject({ state: 'running', idleBehavior: 'drain' });
    expect(world.worker(held)).toMatchObject({ idleBehavior: 'hold' });
  });

  test('leaves VMs of others alone', async () => {
    const world = new World();
    world.cloud.addForeign({ ArvadosInstanceSetID: 'another' });
    await world.start();
    await world.advance(300_000);
    expect(world.pool.snapshot().workers).toEqual([]);
    expect(world.cloud.foreignTouches).toEqual([]);
  });

  test('is not ready while the listing or the store fails', async () => {
    const world = new World();
    world.store.failing = true;
    const pool = world.makePool();
    pool.start().catch(() => undefined);
    await world.advance(1_000);
    expect(pool.health().problems).toEqual(['state store: the store is down']);
    world.store.failing = false;
    world.cloud.faults.calls = { list: { failRate: 1 } };
    await world.advance(10_000);
    expect(pool.snapshot().ready).toBe(false);
    expect(pool.health().problems.join()).toContain('listing');
    world.cloud.faults.calls = {};
    await world.advance(15_000);
    expect(pool.snapshot().ready).toBe(true);
    expect(await pool.countsByState()).toEqual({ unknown: 0, booting: 0, idle: 0, running: 0, shutdown: 0 });
  });
});

describe('a new dispatcher whose first listing misses VMs', () => {
  test('asks for those that the store knows, and is not ready before it has an answer', async () => {
    const world = new World({ hosts: busy });
    const first = await world.start();
    const working = await world.bootOne();
    const dead = await world.bootOne();
    world.startOn(working, container('a'));
    await world.advance(100);
    await first.stop();
    world.cloud.kill(dead);
    world.cloud.faults.vanishRate = 1;
    world.cloud.faults.calls = { describe: { failRate: 1 } };
    const second = world.makePool();
    second.start().catch(() => undefined);
    await world.advance(5_000);
    expect(second.snapshot()).toMatchObject({ ready: false, workers: [] });
    world.cloud.faults.calls = {};
    await world.advance(10_000);
    expect(second.snapshot()).toMatchObject({
      ready: true,
      workers: [{ instanceId: working, containers: [{ uuid: container('a').entry.uuid }] }],
    });
    expect(world.store.pinned.has(dead)).toBe(false);
  });

  test('also for VMs that never answered', async () => {
    const world = new World();
    const first = await world.start();
    first.apply([{ kind: 'create', instanceType: 'small' }]);
    await world.advance(15_000);
    await first.stop();
    world.cloud.faults.vanishRate = 1;
    const second = await world.start();
    expect(second.snapshot()).toMatchObject({ ready: true, workers: [{ state: 'unknown' }] });
  });
});

describe('a VM that is missing from a listing', () => {
  test('is asked for by id and kept while it exists', async () => {
    const world = new World({ pool: { timeoutIdleMs: 1e9 } });
    await world.start();
    const id = await world.bootOne();
    world.cloud.faults.vanishRate = 1;
    await world.advance(200_000);
    world.cloud.faults.vanishRate = 0;
    expect(world.cloud.calls.describe).toBeGreaterThan(0);
    expect(world.worker(id)?.state).toBe('idle');
    expect(world.eventsOf('instance-gone')).toEqual([]);
  });

  test('and gone for certain takes its containers and uncollected results with it', async () => {
    const world = new World({
      hosts: { planRun: (s) => ({ runTimeMs: s.container.command[0] === 'a' ? 10 : 1e9, stdout: 'x'.repeat(9_000) }) },
    });
    const pool = await world.start();
    const id = await world.bootOne();
    world.startOn(id, container('a'));
    world.startOn(id, container('b'));
    await world.advance(100);
    expect(pool.snapshot().finished).toHaveLength(1);
    world.cloud.kill(id);
    await world.advance(70_000);
    expect(pool.snapshot()).toMatchObject({ workers: [], finished: [] });
    const exited = new Map(pool.snapshot().exited.map((e) => [e.uuid.at(-1), e.reason]));
    expect(exited).toEqual(
      new Map([
        ['a', 'instance-lost'],
        ['b', 'instance-lost'],
      ]),
    );
    expect(world.eventsOf('instance-gone')).toMatchObject([{ state: 'running' }]);
  });

  test('whose result is in our hands as a whole loses nothing', async () => {
    const world = new World({ hosts: { planRun: () => ({ runTimeMs: 10, stdout: 'short' }) } });
    const pool = await world.start();
    const id = await world.bootOne();
    world.startOn(id, container('a'));
    await world.advance(100);
    world.cloud.kill(id);
    await world.advance(70_000);
    expect(pool.snapshot()).toMatchObject({ workers: [], exited: [], finished: [{ generation: 1 }] });
    pool.collected(container('a').entry.uuid, 1);
    expect(pool.snapshot().finished).toEqual([]);
  });

  test('while booting counts as disappeared', async () => {
    const world = new World();
    const pool = await world.start();
    pool.apply([{ kind: 'create', instanceType: 'small' }]);
    await world.advance(10);
    world.cloud.kill(pool.snapshot().workers[0]?.instanceId ?? '');
    await world.advance(130_000);
    expect(world.eventsOf('boot-outcome')).toMatchObject([{ outcome: 'disappeared' }]);
    expect(pool.snapshot().workers).toEqual([]);
  });

  test('that is preempted drains first, and its containers are marked so', async () => {
    const world = new World({ hosts: busy });
    const pool = await world.start();
    const id = await world.bootOne();
    world.startOn(id, container('a'));
    await world.advance(100);
    world.cloud.kill(id, { noticeMs: 30_000 });
    await world.advance(100);
    expect(world.worker(id)).toMatchObject({ state: 'running', idleBehavior: 'drain' });
    expect(world.startOn(id, container('b'))).toEqual({ kind: 'declined', reason: 'not-startable' });
    await world.advance(120_000);
    expect(pool.snapshot().exited).toMatchObject([{ reason: 'preempted' }]);
  });

  test.each([
    { what: 'a spot VM', preemptible: true, reason: 'preempted' },
    { what: 'an on-demand VM', preemptible: false, reason: 'instance-lost' },
  ])('$what that goes without a word was $reason', async ({ preemptible, reason }) => {
    const instanceTypes = types.map((type) => ({ ...type, preemptible }));
    const world = new World({ hosts: busy, pool: { instanceTypes } });
    const pool = await world.start();
    const id = await world.bootOne();
    world.startOn(id, container('a'));
    await world.advance(100);
    world.cloud.kill(id);
    await world.advance(130_000);
    expect(pool.snapshot().exited).toMatchObject([{ reason }]);
  });

  test('a spot VM that is shut down by us was not taken away', async () => {
    const world = new World({
      hosts: busy,
      pool: { instanceTypes: types.map((type) => ({ ...type, preemptible: true })) },
    });
    const pool = await world.start();
    const id = await world.bootOne();
    world.startOn(id, container('a'));
    await world.advance(100);
    pool.killInstance(id, 'op');
    await world.advance(130_000);
    expect(pool.snapshot().exited).toMatchObject([{ reason: 'instance-lost' }]);
  });
});
