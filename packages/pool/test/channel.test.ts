import { describe, expect, test } from 'vitest';
import { container, World } from './pool-fixture.ts';

const busy = { planRun: () => ({ runTimeMs: 300_000 }) };

describe('the channel', () => {
  test('is opened anew soon after a reset, and leases are renewed while it is idle', async () => {
    const world = new World({ pool: { timeoutIdleMs: 1e9, probeIntervalMs: 3_600_000 } });
    await world.start();
    const id = await world.bootOne();
    const host = world.hosts.get(id);
    host?.resetConnections();
    expect(host?.openChannels).toBe(0);
    await world.advance(1_100);
    expect(host?.openChannels).toBe(1);
    await world.advance(600_000);
    expect(world.startOn(id, container('a'))).toEqual({ kind: 'done' });
    await world.advance(10);
    expect(world.pool.snapshot().exited, 'no lease has expired').toEqual([]);
  });

  test('that freezes is noticed, and given up', async () => {
    const world = new World({ pool: { timeoutIdleMs: 1e9 } });
    await world.start();
    const id = await world.bootOne();
    const host = world.hosts.get(id);
    if (host === undefined) throw new Error('no host');
    host.faults.frozen = true;
    await world.advance(60_000);
    expect(world.startOn(id, container('a'))).toEqual({ kind: 'declined', reason: 'not-startable' });
    host.faults.frozen = false;
    await world.advance(60_000);
    expect(world.startOn(id, container('a'))).toEqual({ kind: 'done' });
  });

  test('without channels, commands still tell what runs', async () => {
    const world = new World({ hosts: { ...busy } });
    await world.start();
    const id = await world.bootOne();
    world.startOn(id, container('a'));
    await world.advance(100);
    const host = world.hosts.get(id);
    if (host === undefined) throw new Error('no host');
    host.faults.refuseChannels = true;
    host.resetConnections();
    await world.advance(700_000);
    expect(world.worker(id), 'it answers, so it is not given up').toMatchObject({ state: 'idle' });
    expect(world.pool.snapshot().finished, 'and its end is seen').toHaveLength(1);
  });

  test('a VM that answers nothing for timeoutProbe is given up, and its containers are lost when it is gone', async () => {
    const world = new World({ hosts: busy });
    const pool = await world.start();
    const id = await world.bootOne();
    world.startOn(id, container('a'));
    await world.advance(100);
    const host = world.hosts.get(id);
    if (host !== undefined) host.faults.frozen = true;
    await world.advance(500_000);
    expect(world.worker(id)?.state).toBe('running');
    await world.advance(250_000);
    expect(pool.snapshot().exited).toMatchObject([{ reason: 'instance-lost' }]);
    expect(pool.snapshot().workers).toEqual([]);
  });
});
