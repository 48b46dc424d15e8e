import { HostKeyError, type LineChannel, type RunnerMessage, type RunnerRequest } from '@drover/spec';
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../seeded-random.ts';
import { SimulatedClock } from '../simulated-clock.ts';
import type { RunPlan, SimulatedHostsOptions } from './host-options.ts';
import { SimulatedHosts } from './simulated-hosts.ts';

const { signal } = new AbortController();
const instance = { id: 'i', providerType: 'p', lifecycle: 'running', tags: {}, address: 'host' } as const;
const key = 'ssh-ed25519 true';

type Body = RunnerRequest extends infer R ? (R extends { readonly id: number } ? Omit<R, 'id'> : never) : never;

/** A host, and channels to it that remember what they heard. */
function setUp(plan: RunPlan = { runTimeMs: 1_000 }, options: Partial<SimulatedHostsOptions> = {}) {
  const clock = new SimulatedClock();
  const powerOffs: string[] = [];
  const hosts = new SimulatedHosts({
    clock,
    random: new SeededRandom(1),
    planRun: () => plan,
    hooks: { onPowerOff: (id) => powerOffs.push(id) },
    ...options,
  });
  const initCommand = "(umask 0177; printf %s abc123 >'/secret')";
  const boot = { createId: 'c', hostKeys: [key], initCommand, authorizedKey: '', instanceType: undefined };
  hosts.cloudHooks.onRunning?.(instance, boot);
  const host = hosts.get('i');
  if (host === undefined) throw new Error('no host');
  let id = 0;
  const attach = async () => {
    const executor = hosts.executor();
    executor.setTarget({ address: 'host', port: 22, user: 'root', pinnedKeys: [key] });
    const line: LineChannel = await executor.open({ command: 'sim-runner attach' }, { signal });
    const heard: RunnerMessage[] = [];
    line.onLine((text) => {
      const message: RunnerMessage = JSON.parse(text);
      heard.push(message);
    });
    const send = (body: Body): void => {
      id += 1;
      line.send(JSON.stringify({ ...body, id }));
    };
    const ask = async (body: Body): Promise<RunnerMessage | undefined> => {
      send(body);
      const asked = id;
      await clock.advance(0);
      return heard.find((message) => 'id' in message && message.id === asked);
    };
    return { executor, line, heard, send, ask };
  };
  return { clock, hosts, host, attach, powerOffs };
}

const hello = (session: number, epoch = 1, afterSequence = 0): Body => ({
  type: 'hello',
  version: 1,
  epoch,
  session,
  afterSequence,
  leases: { acceptMs: 60_000, deadManMs: 600_000 },
});
const limits = { maxRunTimeMs: 0, memoryBytes: 0, vcpus: 1, maxLogBytes: 1, killGraceMs: 1 };
const start = (uuid: string, generation = 1, maxRunTimeMs = 0): Body => ({
  type: 'start',
  uuid,
  generation,
  container: { command: ['x'], env: {} },
  limits: { ...limits, maxRunTimeMs },
  gpuDevices: [],
  gatewaySecret: '',
});

describe('a simulated host', () => {
  test('speaks only to those who know its key, and shows its secret to anybody', async () => {
    const { hosts } = setUp();
    const executor = hosts.executor();
    executor.setTarget({ address: 'host', port: 22, user: 'root', pinnedKeys: [] });
    expect(await executor.connect({ signal })).toBe(key);
    await expect(executor.run({ command: 'true' }, { signal })).rejects.toBeInstanceOf(HostKeyError);
    const shown = await executor.run({ command: "cat '/secret'", allowUnverified: true }, { signal });
    expect(shown.stdout).toBe('abc123');
    executor.setTarget({ address: 'host', port: 22, user: 'root', pinnedKeys: ['ssh-ed25519 other'] });
    await expect(executor.connect({ signal })).rejects.toBeInstanceOf(HostKeyError);
  });

  test('runs a container and reports start and end once', async () => {
    const { clock, attach, host } = setUp({ runTimeMs: 1_000, exitCode: 3, stdout: 'out' });
    const channel = await attach();
    expect(await channel.ask(hello(1))).toMatchObject({ type: 'ok' });
    expect(await channel.ask(start('a'))).toMatchObject({ type: 'ok' });
    expect(await channel.ask(start('a')), 'again: it runs').toMatchObject({ type: 'ok' });
    expect(host.liveRuns).toHaveLength(1);
    await clock.advance(1_000);
    expect(channel.heard.filter((m) => m.type === 'started')).toHaveLength(1);
    const [finished] = channel.heard.filter((m) => m.type === 'finished');
    expect(finished).toMatchObject({ result: { exitCode: 3 }, logs: [{ stream: 'stdout', base64: btoa('out') }] });
    expect(await channel.ask(start('a'))).toMatchObject({ type: 'refused', code: 'already-finished' });
    expect(await channel.ask(start('a', 2))).toMatchObject({ type: 'refused', code: 'older-generation' });
    const ack = (hash: string): Body => ({ type: 'ack', uuid: 'a', generation: 1, hash });
    expect(await channel.ask(ack('wrong'))).toMatchObject({ type: 'refused', code: 'hash-mismatch' });
    expect(await channel.ask(ack(finished?.hash ?? ''))).toMatchObject({ type: 'ok' });
    expect(await channel.ask({ type: 'list' })).toMatchObject({ status: { containers: [] } });
    expect(await channel.ask(start('a', 2))).toMatchObject({ type: 'ok' });
    expect(await channel.ask(start('a', 1))).toMatchObject({ type: 'refused', code: 'stale-generation' });
  });

  test('a start that lingered in a broken connection is superseded by the next session', async () => {
    const { clock, attach, host } = setUp();
    const first = await attach();
    await first.ask(hello(1));
    host.faults.lingerRate = 1;
    first.send(start('a'));
    host.resetConnections();
    const second = await attach();
    await second.ask(hello(2));
    await clock.advance(30_000);
    expect(host.starts, 'it did arrive').toHaveLength(1);
    expect(host.liveRuns).toEqual([]);
    expect(host.agent.store.generations.size).toBe(0);
  });

  test('a start that comes late, over a connection made before the key changed, is told of with the key of that time', async () => {
    const starts: string[] = [];
    const { clock, attach, host } = setUp(
      { runTimeMs: 1 },
      { hooks: { onRunStarted: (...told) => starts.push(told[3]) } },
    );
    const channel = await attach();
    await channel.ask(hello(1));
    host.faults.lingerRate = 1;
    channel.send(start('a'));
    host.changeKey('ssh-ed25519 other');
    host.resetConnections();
    await clock.advance(30_000);
    expect(starts).toEqual([key]);
  });

  test('an older epoch is refused, also with a higher session', async () => {
    const { attach } = setUp();
    const newer = await attach();
    await newer.ask(hello(1, 2));
    const older = await attach();
    expect(await older.ask(hello(9, 1))).toMatchObject({ type: 'refused', code: 'superseded' });
  });

  test('a new channel hears again what it has missed', async () => {
    const { clock, attach } = setUp();
    const first = await attach();
    await first.ask(hello(1));
    await first.ask(start('a'));
    first.line.close();
    await clock.advance(2_000);
    const second = await attach();
    await second.ask(hello(2, 1, 1));
    expect(second.heard.filter((m) => 'sequence' in m)).toMatchObject([{ type: 'finished', sequence: 2 }]);
  });

  test.each([
    { name: 'draining', prepare: 'drain', code: 'draining' },
    { name: 'broken', prepare: 'break', code: 'broken' },
    { name: 'out of its lease', prepare: 'wait', code: 'lease-expired' },
  ])('takes no start while $name', async ({ prepare, code }) => {
    const { clock, attach, host } = setUp();
    const channel = await attach();
    await channel.ask(hello(1));
    if (prepare === 'drain') await channel.ask({ type: 'drain', on: true });
    if (prepare === 'break') host.agent.breakDown('disk full');
    if (prepare === 'wait') await clock.advance(60_001);
    expect(await channel.ask(start('a'))).toMatchObject({ type: 'refused', code });
  });

  test('ends a container on request, or at its time limit', async () => {
    const { clock, attach } = setUp({ runTimeMs: 1e9, termTimeMs: 10 });
    const channel = await attach();
    await channel.ask(hello(1));
    await channel.ask(start('a'));
    await channel.ask(start('b', 1, 5_000));
    await channel.ask({ type: 'kill', uuid: 'a', generation: 1 });
    await clock.advance(5_000);
    expect(channel.heard.filter((m) => m.type === 'finished')).toMatchObject([
      { uuid: 'a', result: { killed: true } },
      { uuid: 'b', result: { timedOut: true } },
    ]);
  });

  test('ends itself when nobody has needed it for long, but not while it holds a result', async () => {
    const { clock, attach, powerOffs } = setUp();
    const channel = await attach();
    await channel.ask(hello(1));
    await channel.ask(start('a'));
    await clock.advance(700_000);
    expect(powerOffs).toEqual([]);
    const [finished] = channel.heard.filter((m) => m.type === 'finished');
    await channel.ask({ type: 'ack', uuid: 'a', generation: 1, hash: finished?.hash ?? '' });
    await clock.advance(700_000);
    expect(powerOffs).toEqual(['i']);
  });

  test('logs are read in pieces, without a hello', async () => {
    const { clock, attach } = setUp({ runTimeMs: 10, stdout: 'x'.repeat(5_000) });
    const control = await attach();
    await control.ask(hello(1));
    await control.ask(start('a'));
    await clock.advance(10);
    const other = await attach();
    const piece: Body = { type: 'logs', uuid: 'a', generation: 1, stream: 'stdout', offset: 4_998, maxBytes: 10 };
    expect(await other.ask(piece)).toMatchObject({ type: 'logs', base64: btoa('xx'), end: true });
  });
});
