import { DroverError, QueueUnavailableError } from '@drover/spec';
import { settle } from '@drover/testkit';
import { describe, expect, it } from 'vitest';
import { goodResult, makeFinished } from '../test/fixture.ts';
import { running, ShellWorld } from '../test/shell-world.ts';

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

it('survives an observer that throws', async () => {
  const world = new ShellWorld();
  world.events.push = () => {
    throw new QueueUnavailableError('log disk full');
  };
  const uuid = await running(world);
  expect(world.state(uuid)).toBe('Running/1');
});
