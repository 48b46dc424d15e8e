import { existsSync, readFileSync } from 'node:fs';
import { RunnerClient, testUuid } from '@drover/testkit/conformance';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openRealEngine } from './real-engine.ts';
import { openSocketChannel } from './socket-channel.ts';
import { TestVm, until } from './test-vm.ts';

const limits = { maxRunTimeMs: 0, memoryBytes: 0, vcpus: 0, maxLogBytes: 10_000, killGraceMs: 500 };

const engines = [openRealEngine('docker'), openRealEngine('podman')];

describe.each(engines)('a real $name', { timeout: 30_000 }, (engine) => {
  let vm: TestVm;
  let client: RunnerClient;

  beforeEach(async ({ skip }) => {
    skip(!engine.available, 'this engine is not here');
    vm = await TestVm.start({ flags: [`--engine=${engine.name}`], env: engine.env });
    client = new RunnerClient(await openSocketChannel(vm.socketPath));
    await client.hello(1, 1);
  });
  afterEach(async () => {
    if (!engine.available) return;
    client.close();
    await vm.dispose();
    if (containers().length > 0) throw new Error('the engine still has the container of this test');
  });
  afterAll(() => engine.dispose());

  /** Those of all agents that run on this machine's engine under the name of this test's container. */
  function containers(): readonly string[] {
    return engine
      .ask('ps', '--all', `--filter=name=drover-${testUuid(1)}`, '--format={{.Names}}')
      .split('\n')
      .filter(Boolean);
  }

  /** What the run has written so far. */
  function output(uuid: string): string {
    const path = `${vm.stateFolder}/runs/${uuid}.1/stdout`;
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  async function start(script: string, change: Partial<typeof limits> = {}, cwd?: string): Promise<string> {
    return startCommand(['sh', '-c', script], change, cwd);
  }

  async function startCommand(command: readonly string[], change: Partial<typeof limits> = {}, cwd?: string) {
    const uuid = testUuid(1);
    const container = { command, env: { SECRET: 'se same', TWO: 'one\ntwo' }, image: engine.image };
    const reply = await client.ask({
      type: 'start',
      uuid,
      generation: 1,
      container: cwd === undefined ? container : { ...container, cwd },
      limits: { ...limits, ...change },
      gpuDevices: [],
      gatewaySecret: '',
    });
    expect(reply).toMatchObject({ type: 'ok' });
    return uuid;
  }

  async function end(uuid: string) {
    const { result, logs } = await client.finished(uuid);
    const text = logs.map(({ base64 }) => Buffer.from(base64, 'base64').toString()).join('');
    return { result, text };
  }

  test('environment, working directory, output and exit code are the command’s', async () => {
    const { result, text } = await end(await start('echo "$SECRET|$TWO|$PWD|$DROVER_GENERATION"; exit 9', {}, '/bin'));
    expect(text).toBe('se same|one\ntwo|/bin|1\n');
    expect(result).toMatchObject({ exitCode: 9, oom: false });
    expect(result).not.toHaveProperty('startError');
  });

  test('a command that the image does not have is a start error with the engine’s words in the log', async () => {
    const { result, text } = await end(await startCommand(['no-such-program']));
    expect(result.startError).toContain('could not start');
    expect(result).not.toHaveProperty('exitCode');
    expect(text).toContain('no-such-program');
  });

  test.skipIf(!engine.tellsOom)('who takes more memory than allowed is ended, and the result says why', async () => {
    const { result } = await end(await start('tail /dev/zero', { memoryBytes: 30_000_000 }));
    expect(result).toMatchObject({ oom: true });
  });

  test('a kill reaches the command, which may end in its own way', async () => {
    const script =
      'trap "echo bye; exit 3" TERM; until [ -e /go ]; do sleep 0.05; done; echo up; while :; do sleep 0.05; done';
    const uuid = await start(script, { killGraceMs: 5000 });
    // Podman's client passes signals on only from a moment after the start: it has come when a second client was served.
    await until(() => containers().length === 1, 'the container');
    engine.ask('exec', `drover-${uuid}.1`, 'sh', '-c', 'echo > /go');
    await until(() => output(uuid).includes('up'), 'its first line');
    await client.ask({ type: 'kill', uuid, generation: 1 });
    const { result, text } = await end(uuid);
    expect(result).toMatchObject({ killed: true, exitCode: 3 });
    expect(text).toBe('up\nbye\n');
  });

  test('a command that ignores the kill is ended when its grace is over', async () => {
    const uuid = await start('trap "" TERM; echo up; while :; do sleep 0.05; done');
    await until(() => output(uuid).includes('up'), 'its first line');
    await client.ask({ type: 'kill', uuid, generation: 1 });
    expect((await end(uuid)).result).toMatchObject({ killed: true });
  });

  test('the limit of run time ends it', async () => {
    expect((await end(await start('sleep 60', { maxRunTimeMs: 300 }))).result).toMatchObject({ timedOut: true });
  });

  test('a container outlives its agent, and the next one gets its true end', async () => {
    const uuid = await start('while [ ! -e /go ]; do sleep 0.05; done; exit 4');
    await until(() => containers().length === 1, 'the container');
    await vm.kill(vm.agentPid());
    await vm.ensureAgent();
    client.close();
    client = new RunnerClient(await openSocketChannel(vm.socketPath));
    await client.hello(1, 1);
    engine.ask('exec', `drover-${uuid}.1`, 'sh', '-c', 'echo > /go');
    expect((await end(uuid)).result).toMatchObject({ exitCode: 4 });
  });

  test('a container whose shim was killed is removed', async () => {
    const uuid = await start('sleep 60');
    await until(() => containers().length === 1, 'the container');
    await vm.kill(vm.shimPids()[0] ?? 0);
    expect((await end(uuid)).result.unknown).toBe(true);
    await until(() => containers().length === 0, 'its removal');
  });

  test('a container that nobody supervises any more is swept when the agent starts', async () => {
    const uuid = await start('sleep 60');
    await until(() => containers().length === 1, 'the container');
    await vm.kill(vm.agentPid());
    await vm.kill(vm.spawnerPid());
    await vm.kill(vm.shimPids()[0] ?? 0);
    await vm.ensureAgent();
    client.close();
    client = new RunnerClient(await openSocketChannel(vm.socketPath));
    await client.hello(1, 1);
    expect((await end(uuid)).result.unknown).toBe(true);
    await until(() => containers().length === 0, 'its removal');
  });
});
