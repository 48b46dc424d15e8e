import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { RunnerClient, testUuid } from '@drover/testkit/conformance';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSocketChannel } from './socket-channel.ts';
import { commandLines, isAlive, pidsOf, onLinux, TestVm, until } from './test-vm.ts';

/** Deaths of every part at the worst moment, with real processes. */
describe.skipIf(!onLinux)('processes on the VM', () => {
  let vm: TestVm;
  let client: RunnerClient;
  let session = 0;

  async function reconnect(): Promise<RunnerClient> {
    session += 1;
    client = new RunnerClient(await openSocketChannel(vm.socketPath));
    expect(await client.hello(1, session)).toMatchObject({ type: 'ok' });
    return client;
  }

  async function replaceAgent(): Promise<void> {
    await vm.kill(vm.agentPid());
    await vm.ensureAgent();
    await reconnect();
  }

  beforeEach(async () => {
    vm = await TestVm.start();
    await reconnect();
  });

  afterEach(async () => {
    client.close();
    await vm.dispose();
  });

  /** A command that no other test and no other process of this machine has. */
  function uniqueSleep(seconds: number): readonly string[] {
    return ['sleep', `${seconds}.${process.pid}${Math.trunc(performance.now())}`];
  }

  test('a run goes on without an agent, and its true end is told by the next', async () => {
    await client.start(['sh', '-c', 'echo before; sleep 0.3; echo after; exit 137']);
    await client.started();
    await vm.kill(vm.agentPid());
    await until(() => vm.shimPids().length === 0, 'the end of the run');
    await vm.ensureAgent();
    await reconnect();
    const { result, logs } = await client.finished();
    expect(result).toMatchObject({ exitCode: 137, unknown: false });
    expect(Buffer.from(logs[0]?.base64 ?? '', 'base64').toString()).toBe('before\nafter\n');
  });

  test('a run that still lives is adopted and can be killed by the next agent', async () => {
    const command = uniqueSleep(60);
    await client.start(command);
    await client.started();
    const before = await client.list();
    await replaceAgent();
    expect((await client.list()).containers).toEqual(before.containers);
    await client.ask({ type: 'kill', uuid: testUuid(1), generation: 1 });
    expect((await client.finished()).result).toMatchObject({ killed: true, signal: 'SIGTERM' });
    expect(pidsOf(command)).toEqual([]);
  });

  test('a kill reaches a command once: many take a second signal as "at once"', async () => {
    const program = `let count = 0;
      process.on('SIGTERM', () => { if (count++ === 0) setTimeout(() => process.exit(count), 300); });
      setInterval(() => {}, 1000); console.log('ready');`;
    await client.start([process.execPath, '-e', program], { limits: { killGraceMs: 10_000 } });
    const log = `${vm.stateFolder}/runs/${testUuid(1)}.1/stdout`;
    await until(() => existsSync(log) && readFileSync(log, 'utf8') === 'ready\n', 'its readiness');
    await client.ask({ type: 'kill', uuid: testUuid(1), generation: 1 });
    expect((await client.finished()).result).toMatchObject({ killed: true, exitCode: 1 });
  });

  test('the death of agent and spawner together loses nothing either', async () => {
    const command = uniqueSleep(60);
    await client.start(command, { uuid: testUuid(1) });
    await client.start(['sh', '-c', 'sleep 0.4; exit 5'], { uuid: testUuid(2) });
    await client.started(testUuid(2));
    await vm.kill(vm.spawnerPid());
    await replaceAgent();
    expect((await client.list()).containers.map((container) => container.state)).toEqual(['running', 'running']);
    expect((await client.finished(testUuid(2))).result).toMatchObject({ exitCode: 5, unknown: false });
    await client.ask({ type: 'kill', uuid: testUuid(1), generation: 1 });
    expect((await client.finished(testUuid(1))).result).toMatchObject({ signal: 'SIGTERM', killed: true });
    expect(pidsOf(command)).toEqual([]);
  });

  test('a spawner that dies is replaced; starts that met nobody are made up for', async () => {
    await vm.kill(vm.spawnerPid());
    const runs = Array.from({ length: 20 }, (_, n) => client.run(['true'], { uuid: testUuid(n) }));
    for (const { result } of await Promise.all(runs)) expect(result).toMatchObject({ exitCode: 0, unknown: false });
  });

  test('a shim that is killed leaves an unknown end and no process, not even a daemon', async () => {
    const [command, daemon] = [uniqueSleep(60), uniqueSleep(61)];
    await client.start(['sh', '-c', `setsid ${daemon.join(' ')} & echo up; exec ${command.join(' ')}`]);
    await client.started();
    await until(() => pidsOf(command).length + pidsOf(daemon).length === 2, 'command and daemon');
    const [shim] = vm.shimPids();
    await vm.kill(shim ?? 0);
    const { result, logs } = await client.finished();
    expect(result).toMatchObject({ unknown: true, oom: false, killed: false, timedOut: false });
    expect(result).not.toHaveProperty('exitCode');
    expect(result).not.toHaveProperty('signal');
    expect(Buffer.from(logs[0]?.base64 ?? '', 'base64').toString()).toBe('up\n');
    expect([...pidsOf(command), ...pidsOf(daemon)]).toEqual([]);
  });

  test('a short log is part of the stored end, a long one is not, and every agent tells the same', async () => {
    const long = 'x'.repeat(3000);
    await client.run(['sh', '-c', 'echo out; echo err >&2; exit 3'], { uuid: testUuid(1) });
    await client.run(['sh', '-c', `echo err >&2; printf ${long}`], { uuid: testUuid(2) });
    const folder = (n: number): string => `${vm.stateFolder}/runs/${testUuid(n)}.1`;
    // Only what was not read along within the first milliseconds has no files; the long one always has.
    expect(readFileSync(`${folder(1)}/exit`, 'utf8')).toMatch(/\nout\nerr\n[0-9a-f]{16}$/);
    expect(readFileSync(`${folder(2)}/exit`, 'utf8')).toMatch(/\nerr\n[0-9a-f]{16}$/);
    expect(readFileSync(`${folder(2)}/stdout`, 'utf8')).toBe(long);
    const before = await client.list();
    const log = { type: 'logs', uuid: testUuid(1), generation: 1, stream: 'stderr', offset: 1, maxBytes: 2 } as const;
    expect(await client.ask(log)).toMatchObject({ base64: Buffer.from('rr').toString('base64'), end: false });
    await vm.kill(vm.spawnerPid());
    await replaceAgent();
    expect((await client.list()).containers).toEqual(before.containers);
    expect(await client.ask(log)).toMatchObject({ base64: Buffer.from('rr').toString('base64'), end: false });
    expect((await client.finished(testUuid(2))).logs).toEqual([
      { stream: 'stdout', base64: Buffer.from(long).toString('base64') },
      { stream: 'stderr', base64: Buffer.from('err\n').toString('base64') },
    ]);
  });

  test.each([
    ['cut off', (bytes: Buffer) => bytes.subarray(0, -1)],
    ['emptied', () => Buffer.alloc(0)],
    ['changed', (bytes: Buffer) => Buffer.from(bytes.toString('latin1').replace('hello', 'hellO'), 'latin1')],
  ])('a record that a crash of the VM has %s is none: the end is unknown', async (_how, damage) => {
    const { hash } = await client.run(['echo', 'hello']);
    const path = `${vm.stateFolder}/runs/${testUuid(1)}.1/exit`;
    await vm.kill(vm.spawnerPid());
    await vm.kill(vm.agentPid());
    writeFileSync(path, damage(readFileSync(path)));
    await vm.ensureAgent();
    await reconnect();
    const [listed] = (await client.list()).containers;
    expect(listed).toMatchObject({ state: 'finished', result: { unknown: true } });
    expect(listed?.hash).not.toBe(hash);
  });

  test('a record of the helper before this one is still read', async () => {
    const { result } = await client.run(['sh', '-c', 'exit 4']);
    const path = `${vm.stateFolder}/runs/${testUuid(1)}.1/exit`;
    await vm.kill(vm.spawnerPid());
    await vm.kill(vm.agentPid());
    writeFileSync(path, `1 ${testUuid(1)}.1 1024 - ${result.startedAtMs} ${result.finishedAtMs} 0 0 0 0 0 0 `);
    await vm.ensureAgent();
    await reconnect();
    expect((await client.list()).containers).toMatchObject([{ state: 'finished', result: { exitCode: 4 } }]);
  });

  test('a daemon that let go of the lock dies with its shim, too, and so do its children', async () => {
    const [outer, inner] = [uniqueSleep(60), uniqueSleep(61)];
    const closeAll = Array.from({ length: 20 }, (_, i) => `exec ${i + 3}>&-`).join('; ');
    const daemon = `${closeAll}; setsid ${inner.join(' ')} & exec ${outer.join(' ')}`;
    await client.start(['bash', '-c', `setsid bash -c '${daemon}' & exec sleep 59`]);
    await until(() => pidsOf(outer).length + pidsOf(inner).length === 2, 'both daemons');
    const [shim] = vm.shimPids();
    await vm.kill(shim ?? 0);
    expect((await client.finished()).result.unknown).toBe(true);
    expect([...pidsOf(outer), ...pidsOf(inner)]).toEqual([]);
  });

  test('what outlives shim and spawner is stale, not forgotten; a kill ends it', async () => {
    const [command, daemon] = [uniqueSleep(60), uniqueSleep(61)];
    await client.start(['sh', '-c', `setsid ${daemon.join(' ')} & exec ${command.join(' ')}`]);
    await until(() => pidsOf(command).length + pidsOf(daemon).length === 2, 'command and daemon');
    const [shim] = vm.shimPids();
    const agent = vm.agentPid();
    const spawner = vm.spawnerPid();
    for (const pid of [agent, spawner, shim ?? 0]) process.kill(pid, 'SIGKILL');
    await until(() => ![agent, spawner, shim ?? 0].some(isAlive), 'the deaths');
    await vm.ensureAgent();
    await reconnect();
    // The daemon lost every supervisor; the command itself dies with its shim.
    expect((await client.list()).containers).toMatchObject([{ uuid: testUuid(1), state: 'stale' }]);
    expect(pidsOf(daemon).length).toBe(1);
    expect(await client.ask({ type: 'kill', uuid: testUuid(1), generation: 1 })).toMatchObject({ type: 'ok' });
    expect((await client.finished()).result).toMatchObject({ unknown: true });
    expect([...pidsOf(command), ...pidsOf(daemon)]).toEqual([]);
  });

  test('a command that forks away ends with its first process, daemons and all', async () => {
    const daemon = uniqueSleep(60);
    const { result } = await client.run(['sh', '-c', `setsid ${daemon.join(' ')} & sleep 0.1; exit 4`]);
    expect(result).toMatchObject({ exitCode: 4, killed: false });
    expect(pidsOf(daemon)).toEqual([]);
  });

  test('nothing is left behind once everything is acknowledged', async () => {
    const script = 'echo out; head -c 5000 /dev/zero >&2; mkdir -p deep/er; echo x > deep/er/file; chmod 0 deep';
    for (const n of [1, 2, 3]) {
      const command = n === 3 ? ['true'] : ['sh', '-c', script];
      const { hash } = await client.run(command, { uuid: testUuid(n), limits: { maxLogBytes: 100 } });
      await client.ask({ type: 'ack', uuid: testUuid(n), generation: 1, hash });
    }
    await until(() => readdirSync(`${vm.stateFolder}/runs`).length === 0, 'an empty folder');
    expect(vm.shimPids()).toEqual([]);
    // Folders that a run left clean are used again; nothing of the run is in them.
    const [place = ''] = readdirSync(vm.stateFolder).filter((name) => name.startsWith('spare.'));
    const spares = readdirSync(`${vm.stateFolder}/${place}`);
    expect(spares.length).toBeGreaterThan(0);
    for (const spare of spares) expect(readdirSync(`${vm.stateFolder}/${place}/${spare}/work`)).toEqual([]);
    expect(existsSync(`${vm.stateFolder}/reserve`)).toBe(true);
  });

  test('a run sees its own environment and scratch folder, and nothing of the agent', async () => {
    const { logs } = await client.run(['sh', '-c', 'pwd; ls -A; umask; env | sort'], { env: { B: '2', A: 'x y' } });
    const lines = Buffer.from(logs[0]?.base64 ?? '', 'base64')
      .toString()
      .trimEnd()
      .split('\n');
    expect(lines[0]).toBe(`${vm.stateFolder}/runs/${testUuid(1)}.1/work`);
    expect(lines[1]).toBe('0022');
    const names = lines.slice(2).map((line) => line.split('=')[0]);
    expect(names.filter((name) => name !== '_' && name !== 'PWD')).toEqual([
      'A',
      'B',
      'CUDA_VISIBLE_DEVICES',
      'DROVER_CONTAINER_UUID',
      'DROVER_GENERATION',
      'PATH',
      'ROCR_VISIBLE_DEVICES',
    ]);
  });

  test('secrets are in files for the owner only, never in a command line', async () => {
    const start = {
      type: 'start',
      uuid: testUuid(1),
      generation: 1,
      container: { command: ['sleep', '60'], env: {} },
      limits: { maxRunTimeMs: 0, memoryBytes: 0, vcpus: 0, maxLogBytes: 100, killGraceMs: 10 },
      gpuDevices: [],
      gatewaySecret: 'c0ffee-secret',
    };
    await client.ask(start);
    await client.started();
    const file = `${vm.stateFolder}/runs/${testUuid(1)}.1/gateway-secret`;
    expect(readFileSync(file, 'utf8')).toBe('c0ffee-secret');
    expect(commandLines().filter((line) => line.includes('c0ffee-secret'))).toEqual([]);
  });
});
