import { describe, expect, it } from 'vitest';
import { running, ShellWorld } from '../test/shell-world.ts';

describe('an ailing queue', () => {
  it('is asked again every second until the first poll works', async () => {
    const world = new ShellWorld();
    const uuid = await world.submit();
    world.database.faults.plan('busy', { operation: 'poll', times: 3 });
    await world.start();
    expect(world.scheduler.why(uuid)?.code).toBe('queue-unavailable');
    await world.clock.advance(2999);
    expect(world.state(uuid)).toBe('Queued/0');
    await world.clock.advance(1);
    expect(world.state(uuid)).toBe('Locked/1');
  });

  it('is not asked in a hot loop', async () => {
    const world = new ShellWorld();
    await world.start();
    world.database.faults.plan('busy', { operation: 'lock', times: 1000 });
    await world.submit();
    await world.clock.advance(60_000);
    expect(world.errors('lock')).toBe(11);
  });

  it('may lock and fail to say so: the container is started all the same, once', async () => {
    const world = new ShellWorld();
    world.pool.addWorker();
    await world.start();
    world.database.faults.plan('commit-unknown', { operation: 'lock' });
    const uuid = await world.submit();
    await world.clock.advance(1000);
    expect(world.state(uuid)).toBe('Locked/1');
    expect(world.pool.count('start')).toBe(1);
  });

  it.each(['busy', 'lost-leadership'] as const)(
    'that another dispatcher leads by now: its lock of the same generation is not taken for ours (%s)',
    async (fault) => {
      const signal = new AbortController().signal;
      const world = new ShellWorld();
      world.pool.addWorker();
      await world.connection.state.lead({ signal });
      await world.start();
      world.database.faults.plan(fault, { operation: 'lock' });
      const uuid = await world.submit();
      world.database.loseLeadership();
      const other = world.database.open();
      await other.state.lead({ signal });
      await other.queue.lock(uuid, 0, { signal });
      await world.clock.advance(60_000);
      expect(world.state(uuid)).toBe('Locked/1');
      expect(world.pool.count('start')).toBe(0);
    },
  );

  it('may store a result and fail to say so: it is acked without a second transition', async () => {
    const world = new ShellWorld();
    const uuid = await running(world);
    world.database.faults.plan('commit-unknown', { operation: 'finished' });
    world.pool.finish(uuid);
    await world.clock.advance(1000);
    expect(world.state(uuid)).toBe('Complete/1');
    expect(world.pool.acked).toEqual([`${uuid}/1`]);
    expect(world.events.filter((event) => event.type === 'queue-error')).toHaveLength(1);
  });

  it('that hangs is given up at the deadline', async () => {
    const world = new ShellWorld({ queueCallTimeoutMs: 5000 });
    world.pool.addWorker();
    await world.start();
    world.database.faults.plan('no-answer', { operation: 'lock' });
    const uuid = await world.submit();
    await world.clock.advance(4999);
    expect(world.pool.count('start')).toBe(0);
    await world.clock.advance(2000);
    expect(world.state(uuid)).toBe('Locked/1');
    expect(world.pool.count('start')).toBe(1);
  });

  it('tells the planning part when it is overloaded', async () => {
    const world = new ShellWorld();
    await world.start();
    await world.clock.advance(2000);
    world.database.faults.plan('overloaded', { operation: 'lock' });
    await world.submit();
    expect(world.scheduler.gauges().lastOverloadSeconds).toBe(world.clock.wallMs() / 1000);
  });
});
