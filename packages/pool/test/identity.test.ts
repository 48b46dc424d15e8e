import { describe, expect, test } from 'vitest';
import { container, World } from './pool-fixture.ts';

const unpublished = { cloud: { publishesHostKeys: false }, hosts: { sshDelayMs: 5_000 } };

async function created(world: World): Promise<string> {
  const pool = await world.start();
  pool.apply([{ kind: 'create', instanceType: 'small' }]);
  await world.advance(10);
  return pool.snapshot().workers[0]?.instanceId ?? '';
}

describe('host identity', () => {
  test('keys that the cloud publishes prove the host; the key is pinned and connecting is reported once', async () => {
    const world = new World();
    await world.start();
    const id = await world.bootOne();
    expect(world.store.pinned.get(id)).toEqual([world.hosts.get(id)?.hostKey]);
    world.hosts.get(id)?.resetConnections();
    await world.advance(5_000);
    expect(world.eventsOf('ssh-connected')).toHaveLength(1);
  });

  test('without published keys the secret file proves the host, as root or through sudo', async () => {
    for (const adminUser of ['root', 'admin']) {
      const world = new World({ ...unpublished, pool: { adminUser } });
      await world.start();
      const id = await world.bootOne();
      expect(world.store.pinned.get(id)).toHaveLength(1);
    }
  });

  test('a secret file that is not there yet is waited for', async () => {
    const world = new World(unpublished);
    const id = await created(world);
    await world.advance(31_000);
    const host = world.hosts.get(id);
    const secret = host?.secret;
    if (host !== undefined) host.secret = undefined;
    await world.advance(25_000);
    expect(world.worker(id)).toMatchObject({ state: 'booting', idleBehavior: 'run' });
    expect(world.store.pinned.get(id)).toEqual([]);
    if (host !== undefined) host.secret = secret?.slice(0, 7);
    await world.advance(10_500);
    expect(world.worker(id)).toMatchObject({ state: 'booting', idleBehavior: 'run' });
    if (host !== undefined) host.secret = secret;
    await world.advance(10_500);
    expect(world.worker(id)?.state).toBe('idle');
  });

  test('another secret is another host: drained, destroyed, never asked again', async () => {
    const world = new World(unpublished);
    const id = await created(world);
    await world.advance(31_000);
    const host = world.hosts.get(id);
    if (host !== undefined) host.secret = 'f'.repeat(40);
    await world.advance(11_000);
    expect(world.eventsOf('host-key-mismatch')).toHaveLength(1);
    expect(world.worker(id)?.state).toBe('shutdown');
    expect(host?.received, 'nothing was sent to the agent').toBe(0);
    expect(host?.commands.folders.size, 'nothing was deployed').toBe(0);
  });

  test('a key other than the published one is another host', async () => {
    const world = new World({ hosts: { sshDelayMs: 5_000 } });
    const id = await created(world);
    await world.advance(31_000);
    const host = world.hosts.get(id);
    if (host !== undefined) host.hostKey = 'ssh-ed25519 intruder';
    await world.advance(11_000);
    expect(world.eventsOf('host-key-mismatch')).toHaveLength(1);
    expect(host?.received).toBe(0);
  });

  test('a changed key is not proven by the secret file: the worker drains and its results stay unread', async () => {
    const world = new World({ ...unpublished, hosts: { ...unpublished.hosts, planRun: () => ({ runTimeMs: 1e9 }) } });
    await world.start();
    const id = await world.bootOne();
    world.startOn(id, container('a'));
    await world.advance(100);
    const host = world.hosts.get(id);
    if (host === undefined) throw new Error('no host');
    host.hostKey = 'ssh-ed25519 changed';
    host.resetConnections();
    const received = host.received;
    await world.advance(60_000);
    expect(world.worker(id)).toMatchObject({ state: 'running', idleBehavior: 'drain' });
    expect(host.received).toBe(received);
    expect(world.eventsOf('host-key-mismatch')).toHaveLength(1);
    expect(world.instance(id)?.note).toContain('host key');
    await world.advance(700_000);
    expect(world.pool.snapshot().exited, 'given up in the end').toMatchObject([{ reason: 'instance-lost' }]);
  });

  test('a changed key that the cloud vouches for is pinned anew', async () => {
    const world = new World();
    await world.start();
    const id = await world.bootOne();
    world.store.pinned.set(id, ['ssh-ed25519 former']);
    await world.pool.stop();
    await world.start();
    await world.advance(1_000);
    expect(world.worker(id)?.state).toBe('idle');
    expect(world.store.pinned.get(id)).toEqual([world.hosts.get(id)?.hostKey]);
  });

  test('a VM without secret and without published keys is refused', async () => {
    const world = new World(unpublished);
    const pool = await world.start();
    const id = await world.bootOne();
    await pool.stop();
    world.store.pinned.clear();
    const vm = world.cloud.vms.find((v) => v.id === id);
    if (vm === undefined) throw new Error('no VM');
    await world.cloud.setTags(vm, { ArvadosInstanceSecret: '' }, { signal: new AbortController().signal });
    await world.start();
    await world.advance(1_000);
    expect(world.worker(id)).toMatchObject({ state: 'unknown', idleBehavior: 'drain' });
    expect(world.eventsOf('host-key-mismatch').at(-1)?.error.message).toContain('Nothing can prove');
  });
});

describe('deployment', () => {
  test('sends the runner once, also over a restart', async () => {
    const world = new World();
    const pool = await world.start();
    const id = await world.bootOne();
    expect(world.hosts.get(id)?.commands.folders).toEqual(new Set(['/var/lib/drover/sim-runner~5150']));
    await pool.stop();
    await world.start();
    await world.advance(1_000);
    expect(world.worker(id)?.state).toBe('idle');
    expect(world.eventsOf('runner-deployed')).toHaveLength(1);
  });
});
