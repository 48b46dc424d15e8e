import { describe, expect, test } from 'vitest';
import { container, World } from './pool-fixture.ts';

const busy = { planRun: () => ({ runTimeMs: 300_000 }) };

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
