import { settle } from '@drover/testkit';
import { describe, expect, it } from 'vitest';
import { running, ShellWorld } from '../test/shell-world.ts';

describe('the end', () => {
  it('leaves no timer behind that would keep the process alive', async () => {
    for (const end of ['stop', 'halt'] as const) {
      const world = new ShellWorld();
      await running(world);
      await world.scheduler[end]();
      expect(world.clock.nextAtMs()).toBeUndefined();
    }
  });

  it('leaves none behind for what failed before or fails by the end', async () => {
    for (const end of ['stop', 'halt'] as const)
      for (const fault of ['busy', 'no-answer'] as const) {
        const world = new ShellWorld({ stopTimeoutMs: 100 });
        await world.start();
        world.database.faults.plan(fault, { operation: 'lock' });
        await world.submit();
        const ended = world.scheduler[end]();
        await world.clock.advance(100);
        await ended;
        await settle();
        expect(world.clock.nextAtMs(), `${end}, ${fault}`).toBeUndefined();
      }
  });

  it('winding down, starts nothing new, gives locks back and still brings results home', async () => {
    const world = new ShellWorld();
    const uuid = await running(world);
    world.scheduler.windDown();
    const late = await world.submit();
    world.pool.finish(uuid);
    await settle();
    expect(world.state(late)).toBe('Queued/0');
    expect(world.state(uuid)).toBe('Complete/1');
  });

  it('winding down gives back what is locked without a place', async () => {
    const world = new ShellWorld();
    await world.start();
    const uuid = await world.submit();
    expect(world.state(uuid)).toBe('Locked/1');
    world.scheduler.windDown();
    await settle();
    expect(world.state(uuid)).toBe('Queued/1');
  });

  it('waits for changes under way and begins nothing more', async () => {
    const world = new ShellWorld();
    await world.start();
    const queue = world.connection.queue;
    const answer = Promise.withResolvers<void>();
    const lock = queue.lock.bind(queue);
    queue.lock = async (...call) => {
      await answer.promise;
      return lock(...call);
    };
    const uuid = await world.submit();
    let stopped = false;
    const stop = world.scheduler.stop().then(() => (stopped = true));
    await settle();
    expect(stopped).toBe(false);
    answer.resolve();
    await stop;
    expect(world.state(uuid)).toBe('Locked/1');
    const late = await world.submit();
    await world.clock.advance(60_000);
    expect(world.state(late)).toBe('Queued/0');
  });

  it('waits no longer than it was told to', async () => {
    const world = new ShellWorld({ stopTimeoutMs: 3000 });
    await world.start();
    world.database.faults.plan('no-answer', { operation: 'lock' });
    await world.submit();
    const stop = world.scheduler.stop();
    await world.clock.advance(3000);
    await expect(stop).resolves.toBeUndefined();
  });

  it('gives everything up at once when halted', async () => {
    const world = new ShellWorld();
    const uuid = await running(world);
    world.scheduler.halt();
    world.pool.finish(uuid);
    await world.clock.advance(60_000);
    expect(world.state(uuid)).toBe('Running/1');
    expect(world.pool.acked).toEqual([]);
  });
});
