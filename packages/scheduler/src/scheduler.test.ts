import { DroverError, QueueUnavailableError } from '@drover/spec';
import { settle } from '@drover/testkit';
import { describe, expect, it } from 'vitest';
import { goodResult, makeFinished } from '../test/fixture.ts';
import { ShellWorld } from '../test/shell-world.ts';

async function running(world: ShellWorld): Promise<string> {
  world.pool.addWorker();
  await world.start();
  const uuid = await world.submit();
  world.pool.confirm(uuid);
  await settle();
  expect(world.state(uuid)).toBe('Running/1');
  return uuid;
}

const hello = { stream: 'stdout', sizeBytes: 5, droppedBytes: 0, sha256: '' } as const;

describe('a container of its own', () => {
  it('goes from submission to Complete without any delay', async () => {
    const world = new ShellWorld();
    const uuid = await running(world);
    world.pool.finish(uuid);
    await settle();
    expect(world.state(uuid)).toBe('Complete/1');
    expect(world.pool.acked).toEqual([`${uuid}/1`]);
    expect(world.clock.monotonicMs()).toBe(0);
    expect(world.scheduler.queueItems()).toEqual([]);
  });

  it('may end before its start was recorded', async () => {
    const world = new ShellWorld();
    world.pool.addWorker();
    await world.start();
    const uuid = await world.submit();
    world.pool.finish(uuid);
    await settle();
    expect(world.state(uuid)).toBe('Complete/1');
  });

  it('is killed and cancelled when its priority becomes 0', async () => {
    const world = new ShellWorld();
    const uuid = await running(world);
    await world.setPriority(uuid, 0);
    expect(world.pool.count('kill')).toBe(1);
    const { exitCode: _none, ...rest } = goodResult;
    world.pool.finish(uuid, { result: { ...rest, signal: 'SIGTERM', killed: true } });
    await settle();
    expect(world.state(uuid)).toBe('Cancelled/1');
  });

  it('is unlocked when its priority becomes 0 before it found a place', async () => {
    const world = new ShellWorld();
    await world.start();
    const uuid = await world.submit();
    expect(world.state(uuid)).toBe('Locked/1');
    await world.setPriority(uuid, 0);
    expect(world.state(uuid)).toBe('Cancelled/1');
  });
});

describe('logs', () => {
  it('come along inline when short', async () => {
    const world = new ShellWorld();
    const uuid = await running(world);
    const logs = [{ stream: 'stdout', base64: Buffer.from('hello').toString('base64') }] as const;
    world.pool.finish(uuid, { result: { ...goodResult, logs: [hello] }, logs });
    await settle();
    expect(await world.readLog(uuid)).toBe('hello');
  });

  it('are read in pieces when long, and acked only when all is stored', async () => {
    const world = new ShellWorld({ logChunkBytes: 2 });
    const uuid = await running(world);
    world.pool.logs.set('stdout', Buffer.from('hello'));
    world.pool.readLogError = new Error('reset');
    world.pool.finish(uuid, { result: { ...goodResult, logs: [hello] } });
    await settle();
    expect(world.state(uuid)).toBe('Running/1');
    expect(world.pool.acked).toEqual([]);
    world.pool.readLogError = undefined;
    await world.clock.advance(250);
    expect(await world.readLog(uuid)).toBe('hello');
    expect(world.state(uuid)).toBe('Complete/1');
    expect(world.pool.acked).toEqual([`${uuid}/1`]);
  });

  it('that end early are asked for again, later and later', async () => {
    const world = new ShellWorld();
    const uuid = await running(world);
    world.pool.finish(uuid, { result: { ...goodResult, logs: [hello] } });
    await world.clock.advance(5000);
    expect(world.errors('finished')).toBe(5);
    expect(world.pool.acked).toEqual([]);
  });
});

describe('lost runs', () => {
  it('get a new attempt once the loss is proven', async () => {
    const world = new ShellWorld();
    const uuid = await running(world);
    world.pool.lose(uuid);
    await settle();
    expect(world.pool.forgotten).toEqual([`${uuid}/1`]);
    expect(world.state(uuid)).toBe('Locked/2');
    expect(world.pool.count('start')).toBe(2);
  });

  it('whose start is refused again and again count as failures of infrastructure', async () => {
    const world = new ShellWorld();
    world.pool.addWorker();
    await world.start();
    const uuid = await world.submit();
    for (let i = 0; i < 20; i += 1) {
      if (world.state(uuid).startsWith('Cancelled')) break;
      world.pool.lose(uuid, { reason: 'not-started', detail: 'refused' });
      await world.clock.advance(11_000);
    }
    expect(world.state(uuid)).toBe('Cancelled/20');
    const outcomes = world.database.record(uuid).attempts.map((attempt) => attempt.outcome);
    expect(outcomes.filter((outcome) => outcome === 'start-failed')).toHaveLength(5);
  });
});

describe('recovery', () => {
  it('decides nothing before the pool is ready, but brings results home', async () => {
    const world = new ShellWorld();
    const uuid = await running(world);
    const waiting = await world.submit();
    world.restart();
    world.pool.change({ ready: false });
    world.pool.finish(uuid);
    await world.start();
    expect(world.state(uuid)).toBe('Complete/1');
    await world.clock.advance(60_000);
    expect(world.state(waiting)).toBe('Locked/1');
    expect(world.scheduler.why(waiting)?.code).toBe('recovering');
    world.pool.change({ ready: true });
    await settle();
    expect(world.scheduler.why(waiting)?.code).not.toBe('recovering');
  });

  it('gives a former lock back only when it is known that nothing of it runs', async () => {
    const world = new ShellWorld();
    await world.start();
    const uuid = await world.submit();
    world.restart();
    world.pool.change({ unknownWorkers: 1 });
    await world.start();
    await world.clock.advance(600_000);
    expect(world.state(uuid)).toBe('Locked/1');
    world.pool.change({ unknownWorkers: 0 });
    await settle();
    expect(world.state(uuid)).toBe('Locked/2');
  });

  it('collects a result again whose acknowledgement was lost', async () => {
    const world = new ShellWorld();
    const uuid = await running(world);
    world.pool.finish(uuid);
    const before = world.pool.snapshot();
    await settle();
    world.restart();
    world.pool.change({ finished: before.finished });
    await world.start();
    expect(world.state(uuid)).toBe('Complete/1');
    expect(world.pool.acked).toEqual([`${uuid}/1`, `${uuid}/1`]);
    expect(world.database.record(uuid).attempts).toHaveLength(1);
  });
});

describe('a result that is left over', () => {
  it('of a container that ended long ago is acked without reading its logs once more', async () => {
    const world = new ShellWorld();
    const uuid = await running(world);
    world.pool.finish(uuid);
    await settle();
    expect(world.state(uuid)).toBe('Complete/1');
    world.pool.readLogError = new DroverError('RUNNER_REFUSED', 'no such run');
    world.pool.change({ finished: [makeFinished({ uuid, result: { ...goodResult, logs: [hello] } })] });
    await settle();
    expect(world.pool.acked).toEqual([`${uuid}/1`, `${uuid}/1`]);
    expect(world.errors('finished')).toBe(0);
  });

  it('of a container that the queue has never heard of is acked', async () => {
    const world = new ShellWorld();
    await world.start();
    world.pool.change({ finished: [makeFinished({ uuid: 'stranger' })] });
    await settle();
    expect(world.pool.acked).toEqual(['stranger/1']);
  });
});

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

describe('the end', () => {
  it('leaves no timer behind that would keep the process alive', async () => {
    for (const end of ['stop', 'halt'] as const) {
      const world = new ShellWorld();
      await running(world);
      await world.scheduler[end]();
      expect(world.clock.nextAtMs()).toBeUndefined();
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

it('survives an observer that throws', async () => {
  const world = new ShellWorld();
  world.events.push = () => {
    throw new QueueUnavailableError('log disk full');
  };
  const uuid = await running(world);
  expect(world.state(uuid)).toBe('Running/1');
});
