import { describe, expect, test } from 'vitest';
import { container, World } from './pool-fixture.ts';

const busy = { planRun: () => ({ runTimeMs: 300_000 }) };

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
    await pool.setBehavior(id, 'hold', 'op');
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
