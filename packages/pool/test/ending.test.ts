import { describe, expect, test } from 'vitest';
import { container, World } from './pool-fixture.ts';

const busy = { planRun: () => ({ runTimeMs: 300_000 }) };

describe('idle VMs', () => {
  test('go after timeoutIdle since they became ready, however slow the boot was', async () => {
    const world = new World({ cloud: { bootDelay: { minMs: 200_000, maxMs: 200_000 } } });
    await world.start();
    const id = await world.bootOne();
    await world.advance(55_000);
    expect(world.worker(id)?.state).toBe('idle');
    await world.advance(6_000);
    expect(world.worker(id)?.state).toBe('shutdown');
    expect(world.hosts.get(id)?.agent.store.draining, 'fenced before it was destroyed').toBe(true);
  });

  test('go after timeoutIdle since they were last busy', async () => {
    const world = new World({ hosts: { planRun: () => ({ runTimeMs: 50_000 }) } });
    const pool = await world.start();
    const id = await world.bootOne();
    world.startOn(id, container('a'));
    await world.advance(50_010);
    pool.collected(container('a').entry.uuid, 1);
    await world.advance(59_000);
    expect(world.worker(id)?.state).toBe('idle');
    await world.advance(1_100);
    expect(world.worker(id)?.state).toBe('shutdown');
  });

  test('on hold stay, and go at once when set to run', async () => {
    const world = new World();
    const pool = await world.start();
    const id = await world.bootOne();
    await pool.setBehavior(id, 'hold', 'op');
    await world.advance(1_000_000);
    expect(world.worker(id)?.state).toBe('idle');
    expect(world.instance(id)?.note).toBe('op');
    await pool.setBehavior(id, 'run', 'op');
    expect(world.worker(id)?.state).toBe('shutdown');
  });

  test('on hold do not end themselves while no dispatcher is there, others do', async () => {
    const world = new World({ pool: { deadManLeaseMs: 600_000, timeoutIdleMs: 1e9 } });
    const pool = await world.start();
    const held = await world.bootOne();
    const other = await world.bootOne();
    await pool.setBehavior(held, 'hold', 'op');
    await world.advance(100);
    await pool.stop();
    await world.advance(700_000);
    expect(world.hosts.get(held)?.alive).toBe(true);
    expect(world.hosts.get(other)).toBeUndefined();
  });
});

describe('draining', () => {
  test('finishes what runs, takes nothing new, then goes', async () => {
    const world = new World({ hosts: busy });
    const pool = await world.start();
    const id = await world.bootOne();
    world.startOn(id, container('a'));
    await world.advance(100);
    await pool.setBehavior(id, 'drain', 'op');
    expect(world.startOn(id, container('b'))).toEqual({ kind: 'declined', reason: 'not-startable' });
    await world.advance(290_000);
    expect(world.worker(id)?.state).toBe('running');
    await world.advance(11_000);
    expect(world.worker(id), 'the result is not collected yet').toMatchObject({ state: 'idle', uncollected: 1 });
    pool.collected(container('a').entry.uuid, 1);
    expect(world.worker(id)?.state).toBe('shutdown');
    await world.advance(30_000);
    expect(pool.snapshot().workers).toEqual([]);
  });

  test('ends a booting VM at once: aborted', async () => {
    const world = new World();
    const pool = await world.start();
    pool.apply([{ kind: 'create', instanceType: 'small' }]);
    await world.advance(10);
    await pool.setBehavior(pool.snapshot().workers[0]?.instanceId ?? '', 'drain', 'op');
    expect(pool.snapshot().workers[0]?.state).toBe('shutdown');
    expect(world.eventsOf('boot-outcome')).toMatchObject([{ outcome: 'aborted' }]);
  });

  test('of everything leaves only VMs on hold, takes no creates, and then resolves', async () => {
    const world = new World({ hosts: { planRun: () => ({ runTimeMs: 20_000 }) } });
    const pool = await world.start();
    const held = await world.bootOne();
    const working = await world.bootOne();
    await pool.setBehavior(held, 'hold', 'op');
    world.startOn(working, container('a'));
    pool.apply([{ kind: 'create', instanceType: 'large' }]);
    let done = false;
    const drained = pool.drainAll('going down', new AbortController()).then(() => {
      done = true;
      return undefined;
    });
    expect(pool.apply([{ kind: 'create', instanceType: 'small' }])).toEqual([{ kind: 'declined', reason: 'stopping' }]);
    await world.advance(21_000);
    expect(done).toBe(false);
    pool.collected(container('a').entry.uuid, 1);
    await world.advance(60_000);
    await drained;
    expect(pool.snapshot().workers).toMatchObject([{ instanceId: held }]);
  });
});

/** An idle VM that is shut down, and on which something runs that the pool has not heard of. */
async function shutDownBusy(world: World) {
  await world.start();
  const id = await world.bootOne();
  const host = world.hosts.get(id);
  if (host === undefined) throw new Error('no host');
  host.agent.store.runs.set('zzzzz-dz642-00000000000000x', {
    uuid: 'zzzzz-dz642-00000000000000x',
    generation: 1,
    plan: { runTimeMs: 1e9 },
    startedAtMs: 0,
    gpuDevices: [],
    pid: 1000,
    state: 'running',
    result: undefined,
    hash: undefined,
    cancel: () => undefined,
  });
  world.pool.apply([{ kind: 'shutdown', instanceId: id }]);
  await world.advance(60_000);
  return { id, host };
}

describe('the fence', () => {
  test('waits for the accept lease when the VM cannot be reached', async () => {
    const world = new World({ pool: { timeoutIdleMs: 30_000 } });
    await world.start();
    const id = await world.bootOne();
    const host = world.hosts.get(id);
    if (host === undefined) throw new Error('no host');
    host.faults.refuseConnections = true;
    host.resetConnections();
    await world.advance(31_000);
    expect(world.worker(id)?.state).toBe('shutdown');
    expect(world.cloud.calls.destroy).toBe(0);
    await world.advance(35_000);
    expect(world.cloud.calls.destroy).toBe(0);
    await world.advance(10_000);
    expect(world.cloud.calls.destroy).toBe(1);
  });

  test('keeps a VM on which something turns out to run', async () => {
    const world = new World({ hosts: busy });
    const { id } = await shutDownBusy(world);
    expect(world.cloud.calls.destroy).toBe(0);
    expect(world.worker(id)).toMatchObject({ state: 'shutdown', containers: [{ phase: 'running' }] });
  });

  test('keeps it for timeoutProbe at most once its host key is not the right one any more', async () => {
    const world = new World({ hosts: busy, cloud: { publishesHostKeys: false } });
    const { id, host } = await shutDownBusy(world);
    host.hostKey = 'ssh-ed25519 changed';
    host.resetConnections();
    await world.advance(500_000);
    expect(world.worker(id)).toMatchObject({ state: 'shutdown', idleBehavior: 'drain' });
    expect(world.cloud.calls.destroy).toBe(0);
    await world.advance(200_000);
    expect(world.cloud.calls.destroy).toBeGreaterThan(0);
    expect(world.pool.snapshot().workers).toEqual([]);
  });

  test.each([
    { name: 'idle', outcome: { kind: 'done' }, hold: false, run: false },
    { name: 'on hold', outcome: { kind: 'declined', reason: 'hold' }, hold: true, run: false },
    { name: 'busy', outcome: { kind: 'declined', reason: 'busy' }, hold: false, run: true },
  ])('shutdown by the scheduler of a VM that is $name', async ({ outcome, hold, run }) => {
    const world = new World({ hosts: busy });
    await world.start();
    const id = await world.bootOne();
    if (hold) await world.pool.setBehavior(id, 'hold', 'op');
    if (run) world.startOn(id, container('a'));
    expect(world.pool.apply([{ kind: 'shutdown', instanceId: id }])).toEqual([outcome]);
  });

  test('does not stop an operator, on hold or busy', async () => {
    const world = new World({ hosts: busy });
    const pool = await world.start();
    const id = await world.bootOne();
    world.startOn(id, container('a'));
    await pool.setBehavior(id, 'hold', 'op');
    expect(pool.killInstance(id, 'must go')).toEqual({ kind: 'done' });
    await world.advance(70_000);
    expect(pool.snapshot()).toMatchObject({ workers: [], exited: [{ reason: 'instance-lost' }] });
    expect(pool.killInstance(id, 'again')).toEqual({ kind: 'declined', reason: 'not-found' });
  });

  test('destroys again what is still listed after timeoutShutdown', async () => {
    const world = new World();
    const pool = await world.start();
    const id = await world.bootOne();
    world.cloud.faults.destroyIgnoredRate = 1;
    pool.killInstance(id, 'op');
    await world.advance(45_000);
    expect(world.cloud.calls.destroy).toBeGreaterThanOrEqual(3);
    world.cloud.faults.destroyIgnoredRate = 0;
    await world.advance(40_000);
    expect(pool.snapshot().workers).toEqual([]);
  });

  test('repeats a destroy that failed', async () => {
    const world = new World();
    const pool = await world.start();
    const id = await world.bootOne();
    world.cloud.faults.calls = { destroy: { failRate: 1 } };
    pool.killInstance(id, 'op');
    await world.advance(100);
    expect(world.instance(id)?.note).toContain('cannot be destroyed');
    world.cloud.faults.calls = {};
    await world.advance(60_000);
    expect(pool.snapshot().workers).toEqual([]);
  });
});
