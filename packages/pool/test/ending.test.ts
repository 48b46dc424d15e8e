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
    pool.hold(id, 'op');
    await world.advance(1_000_000);
    expect(world.worker(id)?.state).toBe('idle');
    expect(world.instance(id)?.note).toBe('op');
    pool.run(id, 'op');
    expect(world.worker(id)?.state).toBe('shutdown');
  });

  test('on hold do not end themselves while no dispatcher is there, others do', async () => {
    const world = new World({ pool: { deadManLeaseMs: 600_000, timeoutIdleMs: 1e9 } });
    const pool = await world.start();
    const held = await world.bootOne();
    const other = await world.bootOne();
    pool.hold(held, 'op');
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
    pool.drain(id, 'op');
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
    pool.drain(pool.snapshot().workers[0]?.instanceId ?? '', 'op');
    expect(pool.snapshot().workers[0]?.state).toBe('shutdown');
    expect(world.eventsOf('boot-outcome')).toMatchObject([{ outcome: 'aborted' }]);
  });

  test('of everything leaves only VMs on hold, takes no creates, and then resolves', async () => {
    const world = new World({ hosts: { planRun: () => ({ runTimeMs: 20_000 }) } });
    const pool = await world.start();
    const held = await world.bootOne();
    const working = await world.bootOne();
    pool.hold(held, 'op');
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
    await world.start();
    const id = await world.bootOne();
    const host = world.hosts.get(id);
    if (host === undefined) throw new Error('no host');
    // Somebody else has started something there, and the pool has not heard of it.
    host.agent.store.runs.set('zzzzz-dz642-00000000000000x', {
      uuid: 'zzzzz-dz642-00000000000000x',
      generation: 1,
      plan: { runTimeMs: 1e9 },
      startedAtMs: 0,
      state: 'running',
      result: undefined,
      hash: undefined,
      cancel: () => undefined,
    });
    world.pool.apply([{ kind: 'shutdown', instanceId: id }]);
    await world.advance(60_000);
    expect(world.cloud.calls.destroy).toBe(0);
    expect(world.worker(id)).toMatchObject({ state: 'shutdown', containers: [{ phase: 'running' }] });
  });

  test.each([
    { name: 'idle', outcome: { kind: 'done' }, hold: false, run: false },
    { name: 'on hold', outcome: { kind: 'declined', reason: 'hold' }, hold: true, run: false },
    { name: 'busy', outcome: { kind: 'declined', reason: 'busy' }, hold: false, run: true },
  ])('shutdown by the scheduler of a VM that is $name', async ({ outcome, hold, run }) => {
    const world = new World({ hosts: busy });
    await world.start();
    const id = await world.bootOne();
    if (hold) world.pool.hold(id, 'op');
    if (run) world.startOn(id, container('a'));
    expect(world.pool.apply([{ kind: 'shutdown', instanceId: id }])).toEqual([outcome]);
  });

  test('does not stop an operator, on hold or busy', async () => {
    const world = new World({ hosts: busy });
    const pool = await world.start();
    const id = await world.bootOne();
    world.startOn(id, container('a'));
    pool.hold(id, 'op');
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

describe('booting', () => {
  test('that takes longer than timeoutBooting is a failure; one attempt follows the deadline', async () => {
    const world = new World();
    const pool = await world.start();
    world.cloud.faults.neverBootsRate = 1;
    pool.apply([{ kind: 'create', instanceType: 'small' }]);
    await world.advance(595_000);
    expect(pool.snapshot().workers).toMatchObject([{ state: 'booting' }]);
    await world.advance(20_000);
    expect(world.eventsOf('boot-outcome')).toMatchObject([{ outcome: 'failure' }]);
    await world.advance(60_000);
    expect(pool.snapshot().workers).toEqual([]);
  });

  test('in hold waits for ever', async () => {
    const world = new World();
    const pool = await world.start();
    world.cloud.faults.neverBootsRate = 1;
    pool.apply([{ kind: 'create', instanceType: 'small' }]);
    await world.advance(10);
    const id = pool.snapshot().workers[0]?.instanceId ?? '';
    pool.hold(id, 'op');
    await world.advance(2_000_000);
    expect(world.worker(id)?.state).toBe('booting');
  });

  test('waits for the boot probe', async () => {
    const world = new World({ hosts: { faults: { notBooted: true } } });
    const pool = await world.start();
    pool.apply([{ kind: 'create', instanceType: 'small' }]);
    await world.advance(60_000);
    const id = pool.snapshot().workers[0]?.instanceId ?? '';
    expect(world.worker(id)?.state).toBe('booting');
    expect(world.hosts.get(id)?.commands.folders.size, 'nothing is deployed before').toBe(0);
    const host = world.hosts.get(id);
    if (host !== undefined) host.faults.notBooted = false;
    await world.advance(11_000);
    expect(world.worker(id)?.state).toBe('idle');
  });

  test('of a VM found in the cloud: what runs there is known even while the boot probe fails', async () => {
    const world = new World({ hosts: busy });
    const first = await world.start();
    const id = await world.bootOne();
    world.startOn(id, container('a'));
    await world.advance(100);
    await first.stop();
    const host = world.hosts.get(id);
    if (host === undefined) throw new Error('no host');
    host.faults.notBooted = true;
    await world.start();
    await world.advance(1_000);
    expect(world.pool.snapshot().unknownWorkers).toBe(0);
    expect(world.worker(id)).toMatchObject({ state: 'unknown', containers: [{ phase: 'running' }] });
    host.faults.notBooted = false;
    await world.advance(11_000);
    expect(world.worker(id)?.state).toBe('running');
  });
});

describe('bad VMs', () => {
  test('a broken one drains and takes nothing more', async () => {
    const world = new World({ hosts: busy });
    await world.start();
    const id = await world.bootOne();
    world.startOn(id, container('a'));
    await world.advance(100);
    world.hosts.get(id)?.agent.breakDown('disk full');
    await world.advance(100);
    expect(world.worker(id)).toMatchObject({ state: 'running', idleBehavior: 'drain' });
    expect(world.eventsOf('instance-broken')).toMatchObject([{ reason: 'disk full' }]);
    expect(world.instance(id)?.note).toContain('disk full');
  });

  test('one on which a lock stays held without a supervisor drains and goes with it', async () => {
    const world = new World({ hosts: busy });
    const pool = await world.start();
    const id = await world.bootOne();
    world.startOn(id, container('a'));
    await world.advance(100);
    world.hosts.get(id)?.agent.loseSupervisor(container('a').entry.uuid, 1e9);
    await world.advance(30_000);
    expect(world.worker(id)).toMatchObject({ state: 'shutdown', containers: [{ phase: 'running' }] });
    await world.advance(60_000);
    expect(pool.snapshot().exited).toMatchObject([{ reason: 'instance-lost' }]);
  });

  test('a lock that is let go soon harms nobody: the end is unknown', async () => {
    const world = new World({ hosts: busy });
    const pool = await world.start();
    const id = await world.bootOne();
    world.startOn(id, container('a'));
    await world.advance(100);
    world.hosts.get(id)?.agent.loseSupervisor(container('a').entry.uuid, 4_000);
    await world.advance(30_000);
    expect(pool.snapshot().finished).toMatchObject([{ result: { unknown: true } }]);
    expect(world.worker(id)?.idleBehavior).toBe('run');
  });

  test('a black hole: three different containers in a row come to nothing while another VM does better', async () => {
    const world = new World({ hosts: { planRun: () => ({ runTimeMs: 100 }) }, pool: { timeoutIdleMs: 1e9 } });
    const pool = await world.start();
    const good = await world.bootOne();
    const bad = await world.bootOne();
    const host = world.hosts.get(bad);
    if (host === undefined) throw new Error('no host');
    host.faults.startsFail = true;
    for (const name of ['a', 'b']) world.startOn(bad, container(name));
    await world.advance(1_000);
    world.startOn(good, container('x'));
    await world.advance(1_000);
    expect(world.worker(bad)?.idleBehavior).toBe('run');
    world.startOn(bad, container('c'));
    await world.advance(1_000);
    expect(world.worker(bad)?.idleBehavior).toBe('drain');
    expect(world.worker(good)?.idleBehavior).toBe('run');
    expect(pool.snapshot().finished).toHaveLength(4);
  });

  test('no black hole while all VMs fare alike', async () => {
    const world = new World({ hosts: { faults: { startsFail: true } }, pool: { timeoutIdleMs: 1e9 } });
    await world.start();
    const ids = [await world.bootOne(), await world.bootOne()];
    for (const [index, id] of ids.entries())
      for (const name of ['a', 'b', 'c', 'd']) world.startOn(id, container(`${name}${index}`));
    await world.advance(5_000);
    expect(world.pool.snapshot().workers.map((w) => w.idleBehavior)).toEqual(['run', 'run']);
  });

  test.each([
    { name: 'maxUses', options: { maxUses: 2 } },
    { name: 'maxAgeMs', options: { maxAgeMs: 100_000 } },
  ])('$name retires a VM', async ({ options }) => {
    const world = new World({
      hosts: { planRun: () => ({ runTimeMs: 10 }) },
      pool: { timeoutIdleMs: 1e9, ...options },
    });
    const pool = await world.start();
    const id = await world.bootOne();
    for (const name of ['a', 'b']) {
      world.startOn(id, container(name));
      await world.advance(100);
      pool.collected(container(name).entry.uuid, 1);
    }
    await world.advance(120_000);
    expect(pool.snapshot().workers).toEqual([]);
    expect(world.eventsOf('instance-behavior')).toMatchObject([{ behavior: 'drain' }]);
  });
});

describe('snapshots', () => {
  test('are the same object while nothing changes, and unchanged workers keep theirs', async () => {
    const world = new World({ hosts: busy });
    const pool = await world.start();
    const a = await world.bootOne();
    const b = await world.bootOne();
    const before = pool.snapshot();
    expect(pool.snapshot()).toBe(before);
    await world.advance(25_000);
    expect(pool.snapshot(), 'probes alone change nothing').toBe(before);
    world.startOn(a, container('a'));
    const after = pool.snapshot();
    expect(after).not.toBe(before);
    expect(after.revision).toBeGreaterThan(before.revision);
    expect(after.workers.find((w) => w.instanceId === b)).toBe(before.workers.find((w) => w.instanceId === b));
    expect(after.finished).toBe(before.finished);
  });

  test('change notices coalesce', async () => {
    const world = new World({ hosts: busy });
    const pool = await world.start();
    const id = await world.bootOne();
    let notices = 0;
    pool.onChange(() => {
      notices += 1;
    });
    for (const name of ['a', 'b', 'c']) world.startOn(id, container(name));
    await world.advance(0);
    expect(notices).toBeLessThanOrEqual(8);
    expect(notices).toBeGreaterThan(0);
  });
});
