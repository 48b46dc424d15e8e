import { describe, expect, test } from 'vitest';
import { container, World } from './pool-fixture.ts';

const busy = { planRun: () => ({ runTimeMs: 300_000 }) };

describe('start', () => {
  test('sends the line within apply', async () => {
    const world = new World({ hosts: busy });
    await world.start();
    const id = await world.bootOne();
    const sent = world.hosts.get(id)?.received ?? 0;
    world.startOn(id, container('a'));
    expect(world.worker(id)?.containers).toMatchObject([{ phase: 'starting' }]);
    await world.advance(0);
    expect((world.hosts.get(id)?.received ?? 0) - sent).toBe(1);
    // The fixture's containers were submitted at the beginning of wall time.
    expect(world.eventsOf('container-started')).toMatchObject([{ sinceQueuedMs: world.clock.wallMs() }]);
    world.startOn(id, container('b', 2));
    await world.advance(0);
    expect(world.eventsOf('container-started')[1]?.sinceQueuedMs).toBeUndefined();
  });

  test.each([
    { name: 'hold', prepare: (w: World, id: string) => w.pool.setBehavior(id, 'hold', 'op'), reason: 'hold' },
    {
      name: 'drain',
      prepare: (w: World, id: string) => w.pool.setBehavior(id, 'drain', 'op'),
      reason: 'not-startable',
    },
    { name: 'shutdown', prepare: (w: World, id: string) => w.pool.killInstance(id, 'op'), reason: 'not-startable' },
  ])('is declined in $name', async ({ prepare, reason }) => {
    const world = new World();
    await world.start();
    const id = await world.bootOne();
    await prepare(world, id);
    expect(world.startOn(id, container('a'))).toEqual({ kind: 'declined', reason });
  });

  test('is declined while booting, and stale on a worker that is gone', async () => {
    const world = new World();
    const pool = await world.start();
    pool.apply([{ kind: 'create', instanceType: 'small' }]);
    await world.advance(10);
    const id = pool.snapshot().workers[0]?.instanceId ?? '';
    expect(world.startOn(id, container('a'))).toEqual({ kind: 'declined', reason: 'not-startable' });
    expect(world.startOn('i-nowhere', container('a'))).toEqual({ kind: 'stale' });
  });

  test('of the same generation again changes nothing; another generation waits for the first', async () => {
    const world = new World({ hosts: busy });
    await world.start();
    const id = await world.bootOne();
    const c = container('a');
    world.startOn(id, c);
    await world.advance(10);
    expect(world.startOn(id, c)).toEqual({ kind: 'done' });
    expect(world.startOn(id, container('a', 2))).toEqual({ kind: 'declined', reason: 'busy' });
    await world.advance(10);
    expect(world.hosts.get(id)?.liveRuns).toHaveLength(1);
  });

  test('that never arrived exits as not-started once a new session proves it', async () => {
    const world = new World({ hosts: busy });
    const pool = await world.start();
    const id = await world.bootOne();
    const c = container('a');
    world.startOn(id, c);
    // The line is under way when the connection breaks.
    world.hosts.get(id)?.resetConnections();
    expect(world.worker(id)?.containers).toMatchObject([{ phase: 'starting' }]);
    await world.advance(2_000);
    expect(pool.snapshot().exited).toMatchObject([
      { uuid: c.entry.uuid, generation: 1, instanceId: id, reason: 'not-started' },
    ]);
    expect(world.worker(id)?.containers).toEqual([]);
    pool.forget(c.entry.uuid, 1);
    expect(pool.snapshot().exited).toEqual([]);
  });

  test('that arrived although its answer was lost keeps running', async () => {
    const world = new World({ hosts: { ...busy, latencyMs: 20 } });
    const pool = await world.start();
    const id = await world.bootOne();
    world.startOn(id, container('a'));
    await world.advance(30);
    world.hosts.get(id)?.resetConnections();
    await world.advance(3_000);
    expect(pool.snapshot().exited).toEqual([]);
    expect(world.worker(id)).toMatchObject({ state: 'running', containers: [{ phase: 'running' }] });
    expect(world.hosts.get(id)?.liveRuns).toHaveLength(1);
  });

  test('refused by the runner exits as not-started at once', async () => {
    const world = new World({ hosts: busy });
    const pool = await world.start();
    const id = await world.bootOne();
    const host = world.hosts.get(id);
    if (host !== undefined) host.agent.store.generations.set(container('a').entry.uuid, 5);
    world.startOn(id, container('a', 3));
    await world.advance(10);
    expect(pool.snapshot().exited).toMatchObject([{ generation: 3, reason: 'not-started' }]);
    expect(world.eventsOf('container-start-failed')).toHaveLength(1);
  });

  test('GPU devices are handed out once each', async () => {
    const world = new World({ hosts: busy, pool: { instanceTypes: [gpuType] } });
    await world.start();
    const id = await world.bootOne('gpu');
    const wants = (name: string, count: number) => {
      const c = container(name);
      const gpu = { stack: 'cuda', count, vramBytes: 1, driverVersion: '', hardwareTargets: [] };
      return { ...c, spec: { ...c.spec, resources: { ...c.spec.resources, gpu } } };
    };
    expect(world.startOn(id, wants('a', 1))).toEqual({ kind: 'done' });
    expect(world.startOn(id, wants('b', 2))).toEqual({ kind: 'declined', reason: 'not-startable' });
    expect(world.startOn(id, wants('c', 1))).toEqual({ kind: 'done' });
    await world.advance(10);
    expect(world.hosts.get(id)?.starts.map((start) => start.gpuDevices)).toEqual([[0], [1]]);
    await world.pool.stop();
    await world.start();
    await world.advance(1_000);
    expect(world.startOn(id, wants('d', 1)), 'the next dispatcher knows which are taken').toMatchObject({
      kind: 'declined',
    });
    expect(world.startOn(id, container('e'))).toEqual({ kind: 'done' });
  });
});

const gpuType = {
  name: 'gpu',
  providerType: 'p-gpu',
  vcpus: 4,
  ramBytes: 2 ** 33,
  scratchBytes: 0,
  includedScratchBytes: 0,
  addedScratchBytes: 0,
  pricePerHour: 5,
  preemptible: false,
  gpu: { stack: 'cuda', count: 2, vramBytes: 1, driverVersion: '12', hardwareTarget: '8.6' },
} as const;

describe('results', () => {
  test('short logs come along, long ones are read from the VM', async () => {
    const long = 'x'.repeat(10_000);
    const world = new World({
      hosts: { planRun: (s) => ({ runTimeMs: 10, stdout: s.container.command[0] === 'b' ? long : 'hi' }) },
    });
    const pool = await world.start();
    const id = await world.bootOne();
    world.startOn(id, container('a'));
    world.startOn(id, container('b'));
    await world.advance(100);
    const [a, b] = pool.snapshot().finished;
    expect(a?.logs).toEqual([{ stream: 'stdout', base64: btoa('hi') }]);
    expect(b?.logs).toEqual([]);
    if (b === undefined) throw new Error('no result');
    const reading = pool.readLog(b, 'stdout', 9_990, 100);
    await world.advance(10);
    const chunk = await reading;
    expect(chunk.offset).toBe(9_990);
    expect(Buffer.from(chunk.bytes).toString()).toBe('x'.repeat(10));
    await world.advance(20_000);
    expect(world.hosts.get(id)?.openChannels, 'the log channel closes when idle').toBe(1);
  });

  test('an ended run is seen after a reconnect, and its acknowledgement is sent again', async () => {
    const world = new World({ hosts: { planRun: () => ({ runTimeMs: 1_000 }) } });
    const pool = await world.start();
    const id = await world.bootOne();
    world.startOn(id, container('a'));
    await world.advance(100);
    const host = world.hosts.get(id);
    if (host === undefined) throw new Error('no host');
    host.faults.refuseConnections = true;
    host.resetConnections();
    await world.advance(5_000);
    expect(pool.snapshot().finished).toEqual([]);
    host.faults.refuseConnections = false;
    await world.advance(20_000);
    expect(pool.snapshot().finished).toHaveLength(1);
    const uuid = container('a').entry.uuid;
    host.faults.refuseConnections = true;
    host.resetConnections();
    pool.collected(uuid, 1);
    expect(pool.snapshot().finished).toEqual([]);
    await world.advance(1_000);
    expect(host.agent.store.runs.size).toBe(1);
    host.faults.refuseConnections = false;
    await world.advance(20_000);
    expect(host.agent.store.runs.size).toBe(0);
    expect(pool.snapshot().finished).toEqual([]);
    expect(world.worker(id)?.uncollected).toBe(0);
  });

  test('a run that a reachable VM knows nothing of is lost', async () => {
    const world = new World({ hosts: busy });
    const pool = await world.start();
    const id = await world.bootOne();
    world.startOn(id, container('a'));
    await world.advance(100);
    world.hosts.get(id)?.agent.store.runs.clear();
    await world.advance(11_000);
    expect(pool.snapshot().exited).toMatchObject([{ reason: 'runner-lost' }]);
  });
});

describe('kill', () => {
  test('ends the container, once', async () => {
    const world = new World({ hosts: busy });
    const pool = await world.start();
    const id = await world.bootOne();
    const { uuid } = container('a').entry;
    world.startOn(id, container('a'));
    await world.advance(100);
    expect(pool.apply([{ kind: 'kill', uuid, reason: 'priority 0' }])).toEqual([{ kind: 'done' }]);
    expect(world.worker(id)?.containers).toMatchObject([{ phase: 'killing' }]);
    pool.apply([{ kind: 'kill', uuid, reason: 'again' }]);
    await world.advance(100);
    expect(pool.snapshot().finished).toMatchObject([{ result: { killed: true } }]);
    expect(world.eventsOf('container-killed')).toHaveLength(1);
    expect(pool.apply([{ kind: 'kill', uuid, reason: 'late' }])).toEqual([{ kind: 'declined', reason: 'not-found' }]);
  });

  test('is repeated every timeoutSignal, and given up after timeoutTerm: the VM drains and goes', async () => {
    const world = new World({ hosts: { planRun: () => ({ runTimeMs: 1e9, unkillable: true }) } });
    const pool = await world.start();
    const id = await world.bootOne();
    const { uuid } = container('a').entry;
    world.startOn(id, container('a'));
    await world.advance(100);
    pool.apply([{ kind: 'kill', uuid, reason: 'x' }]);
    await world.advance(20_100);
    expect(world.hosts.get(id)?.kills).toBe(5);
    await world.advance(98_000);
    expect(world.worker(id)).toMatchObject({ idleBehavior: 'run', state: 'running' });
    await world.advance(3_000);
    expect(world.worker(id)).toMatchObject({ state: 'shutdown', containers: [{ phase: 'killing' }] });
    expect(world.eventsOf('container-unkillable')).toHaveLength(1);
    await world.advance(60_000);
    expect(pool.snapshot().exited).toMatchObject([{ uuid, reason: 'instance-lost' }]);
  });

  test('given up while the VM could not be reached, is sent once more when it can, beside a run that goes on', async () => {
    const world = new World({ hosts: busy });
    const pool = await world.start();
    const id = await world.bootOne('large');
    world.startOn(id, container('a'));
    world.startOn(id, container('b'));
    await world.advance(100);
    const host = world.hosts.get(id);
    if (host === undefined) throw new Error('no host');
    host.faults.refuseConnections = true;
    host.resetConnections();
    const { uuid } = container('a').entry;
    pool.apply([{ kind: 'kill', uuid, reason: 'x' }]);
    await world.advance(125_000);
    expect(world.eventsOf('container-unkillable')).toHaveLength(1);
    host.faults.refuseConnections = false;
    await world.advance(15_000);
    expect(host.liveRuns.map((run) => run.uuid)).toEqual([container('b').entry.uuid]);
    expect(pool.snapshot().finished).toMatchObject([{ uuid, result: { killed: true } }]);
  });

  test('in hold an unkillable container leaves the VM alone', async () => {
    const world = new World({ hosts: { planRun: () => ({ runTimeMs: 1e9, unkillable: true }) } });
    const pool = await world.start();
    const id = await world.bootOne();
    world.startOn(id, container('a'));
    await world.advance(100);
    await pool.setBehavior(id, 'hold', 'look at it');
    pool.apply([{ kind: 'kill', uuid: container('a').entry.uuid, reason: 'x' }]);
    await world.advance(1_000_000);
    expect(world.worker(id)).toMatchObject({ state: 'running', idleBehavior: 'hold' });
  });
});
