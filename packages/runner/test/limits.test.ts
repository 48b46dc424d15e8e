import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { RunnerClient, testUuid } from '@drover/testkit/conformance';
import { afterEach, describe, expect, test } from 'vitest';
import { openSocketChannel } from './socket-channel.ts';
import { onLinux, TestVm, until } from './test-vm.ts';

const isRoot = process.getuid?.() === 0;
const hasMemoryGroups =
  existsSync('/sys/fs/cgroup/memory/memory.limit_in_bytes') ||
  (existsSync('/sys/fs/cgroup/cgroup.controllers') &&
    readFileSync('/sys/fs/cgroup/cgroup.controllers', 'utf8').includes('memory'));
const groupParents = ['/sys/fs/cgroup/memory/drover', '/sys/fs/cgroup/cpu/drover', '/sys/fs/cgroup/drover'];

/** Says on stderr why a test does not run here, so that nobody takes it for passed. */
function unless(missing: boolean, why: string): boolean {
  if (missing) process.stderr.write(`SKIPPED: ${why}\n`);
  return missing;
}

/** Takes 200 MB and holds them. */
const greedy = [process.execPath, '-e', 'const a = Buffer.alloc(200e6, 1); setTimeout(() => a, 60_000)'];
const memoryBytes = 100_000_000;

describe.skipIf(!onLinux)('limits', () => {
  let vm: TestVm | undefined;
  let client: RunnerClient | undefined;

  async function open(options: Parameters<typeof TestVm.start>[0] = {}) {
    vm = await TestVm.start(options);
    client = new RunnerClient(await openSocketChannel(vm.socketPath));
    expect(await client.hello(1, 1)).toMatchObject({ type: 'ok' });
    return { vm, client };
  }

  afterEach(async () => {
    client?.close();
    await vm?.dispose();
    client = vm = undefined;
  });

  test.skipIf(unless(!isRoot || !hasMemoryGroups, 'no memory cgroups for this user'))(
    'memory beyond the limit of the cgroup ends the run as oom; less does not; the groups are removed',
    async () => {
      const { client } = await open();
      const { result } = await client.run(greedy, { limits: { memoryBytes, vcpus: 0.5 } });
      expect(result).toMatchObject({ oom: true, signal: 'SIGKILL', killed: false });
      const modest = await client.run(['true'], { uuid: testUuid(2), limits: { memoryBytes, vcpus: 0.5 } });
      expect(modest.result).toMatchObject({ oom: false, exitCode: 0 });
      const groups = groupParents.filter((path) => existsSync(path)).flatMap((path) => readdirSync(path));
      expect(groups.filter((name) => name.includes('zzzzz-dz642-'))).toEqual([]);
    },
  );

  test.skipIf(unless(!isRoot, 'only root can become another user'))(
    'a user who may not make cgroups gets the limit all the same: memory is measured',
    async () => {
      const nobody = 65534;
      const folder = mkdtempSync(`${tmpdir()}/drover-nobody-`);
      chownSync(folder, nobody, nobody);
      try {
        const { client } = await open({ under: folder, user: nobody });
        const script = `${greedy.map((word) => `'${word}'`).join(' ')} & wait`;
        const { result } = await client.run(['sh', '-c', script], { limits: { memoryBytes, vcpus: 0.5 } });
        expect(result).toMatchObject({ oom: true, signal: 'SIGKILL', killed: false });
        const modest = await client.run(['id', '-u'], { uuid: testUuid(2), limits: { memoryBytes } });
        expect(modest.result).toMatchObject({ oom: false, exitCode: 0 });
        expect(Buffer.from(modest.logs[0]?.base64 ?? '', 'base64').toString()).toBe(`${nobody}\n`);
      } finally {
        client?.close();
        await vm?.dispose();
        client = vm = undefined;
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );

  test.skipIf(unless(!isRoot, 'only root can mount a small disk'))(
    'a full disk loses no result, is reported, and nothing more is started',
    async () => {
      const disk = mkdtempSync(`${tmpdir()}/drover-disk-`);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m,mode=0755', 'tmpfs', disk]);
      try {
        const { vm, client } = await open({ under: disk });
        const script = 'echo begun; cat /dev/zero > fill 2>/dev/null; head -c 100000 /dev/zero; exit 7';
        const { result } = await client.run(['sh', '-c', script]);
        expect(result).toMatchObject({ exitCode: 7, unknown: false });
        expect(result.logs[0]?.droppedBytes).toBeGreaterThan(0);
        await client.event((event): event is typeof event => event.type === 'broken');
        expect((await client.list()).broken).toContain('disk is full');
        const next = await client.start(['true'], { uuid: testUuid(2) });
        expect(next).toMatchObject({ type: 'refused', code: 'broken' });
        // The result is on the disk, not only in memory.
        await vm.kill(vm.agentPid());
        await vm.ensureAgent();
        expect((await new RunnerClient(await openSocketChannel(vm.socketPath)).list()).containers).toMatchObject([
          { state: 'finished', result: { exitCode: 7 } },
        ]);
      } finally {
        client?.close();
        await vm?.dispose();
        client = vm = undefined;
        await until(() => spawnSync('umount', [disk]).status === 0, 'a disk that nobody uses');
        rmSync(disk, { recursive: true, force: true });
      }
    },
  );

  test('a result tells the memory of the largest process at its peak, also of a child’s child', async () => {
    const { client } = await open();
    const short = [process.execPath, '-e', 'Buffer.alloc(200e6, 1)'].map((word) => `'${word}'`).join(' ');
    const large = await client.run(['sh', '-c', `(${short}); true`]);
    expect(large.result).toMatchObject({
      exitCode: 0,
      peakRamBytes: expect.toSatisfy((peak) => peak > 200e6 && peak < 400e6),
    });
    const small = await client.run(['true'], { uuid: testUuid(2) });
    expect(small.result).toMatchObject({ peakRamBytes: expect.toSatisfy((peak) => peak > 0 && peak < 20e6) });
  });

  test('many short runs at once all end, each with its own log', async () => {
    const { vm, client } = await open();
    const runs = Array.from({ length: 150 }, async (_, n) => {
      const { result, logs, hash } = await client.run(['echo', `n${n}`], { uuid: testUuid(n) });
      expect(result.exitCode).toBe(0);
      expect(Buffer.from(logs[0]?.base64 ?? '', 'base64').toString()).toBe(`n${n}\n`);
      await client.ask({ type: 'ack', uuid: testUuid(n), generation: 1, hash });
    });
    await Promise.all(runs);
    await until(() => readdirSync(`${vm.stateFolder}/runs`).length === 0, 'an empty folder');
  });

  test('the state folder is for its owner only', async () => {
    const { vm } = await open();
    chmodSync(vm.stateFolder, 0o755);
    await vm.kill(vm.agentPid());
    await vm.ensureAgent();
    expect(statSync(vm.stateFolder).mode & 0o777).toBe(0o700);
  });
});
