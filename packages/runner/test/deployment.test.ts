import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import type { RunnerDeployment, RunnerPlace } from '@drover/spec';
import { RunnerClient, testUuid } from '@drover/testkit/conformance';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buildAgent } from '../scripts/build-agent.ts';
import { loadRunner, runnerSource } from '../src/index.ts';
import { helpers } from '../src/platform-helper.ts';
import { openSocketChannel } from './socket-channel.ts';
import { commandLines, onLinux, pidsWith, until } from './test-vm.ts';

const run = promisify(execFile);

/** How many there were; each may have ended by itself meanwhile. */
function endAll(pids: readonly number[]): number {
  for (const pid of pids)
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  return pids.length;
}
const here = helpers.find(({ node }) => node === `${process.platform}-${process.arch}`)?.uname;

describe.skipIf(!onLinux)('on a VM', () => {
  let folder: string;
  let runner: RunnerDeployment;
  let place: RunnerPlace;

  /** Does what the pool does: unpacks the files for this platform. */
  beforeEach(async () => {
    await buildAgent();
    folder = mkdtempSync(`${tmpdir()}/drover it's-`);
    runner = await loadRunner({
      deployDirectory: folder,
      node: process.execPath,
      powerOffCommand: `echo 'off' >"${folder}/off"`,
    });
    place = { directory: `${folder}/${runner.name}~${runner.hash}`, instanceId: '/subscriptions/x/vm 1' };
    mkdirSync(place.directory);
    for (const file of runner.files) {
      if (file.platform !== undefined && file.platform !== here) continue;
      writeFileSync(`${place.directory}/${file.path}`, file.bytes);
      chmodSync(`${place.directory}/${file.path}`, file.mode);
    }
  });

  afterEach(async () => {
    // Again and again: an agent that sees its spawner die first starts another one.
    await until(() => endAll(pidsWith(folder)) === 0, 'the end of every process');
    rmSync(folder, { recursive: true });
  });

  const shell = async (command: string): Promise<string> => (await run('sh', ['-c', command])).stdout;

  test('start is safe to repeat and to race: one agent, however many ask', async () => {
    await Promise.all(Array.from({ length: 6 }, async () => shell(runner.startCommand(place))));
    await shell(runner.startCommand(place));
    expect(commandLines().filter((line) => line.includes(folder) && line.includes(' serve ')).length).toBe(1);
    expect(readdirSync(folder).filter((name) => name.startsWith('state-')).length).toBe(1);
  });

  test('list starts the agent and prints one line of status', async () => {
    const text = await shell(runner.listCommand(place));
    expect(text.endsWith('}\n')).toBe(true);
    expect(JSON.parse(text)).toMatchObject({ sequence: 0, containers: [], draining: false });
  });

  test('attach speaks the protocol on stdio and ends with its input', async () => {
    const lines = ['{"type":"list","id":4}', '{"type":"renew","id":5}'];
    const text = await shell(`printf '%s\\n' '${lines.join("' '")}' | ${runner.attachCommand(place)}`);
    const replies = text
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(replies).toMatchObject([
      { type: 'status', id: 4 },
      { type: 'refused', id: 5, code: 'bad-request' },
    ]);
  });

  test('another version takes over from the running agent, with its runs', async () => {
    await shell(runner.startCommand(place));
    const client = new RunnerClient(await openSocketChannel(runner.socketPath?.(place) ?? ''));
    await client.hello(1, 1);
    await client.start(['sh', '-c', 'sleep 0.5; exit 6']);
    await client.started();
    const [before] = pidsWith(`${place.directory}/agent.mjs`);
    const newer = await loadRunner({ deployDirectory: folder, node: process.execPath, imageEngine: 'podman' });
    await shell(newer.startCommand(place));
    const [after] = pidsWith(`${place.directory}/agent.mjs`);
    expect(after).not.toBe(before);
    const next = new RunnerClient(await openSocketChannel(runner.socketPath?.(place) ?? ''));
    expect(await next.hello(1, 2)).toMatchObject({ type: 'ok' });
    expect((await next.finished(testUuid(1))).result).toMatchObject({ exitCode: 6 });
    client.close();
    next.close();
  });

  test('an abandoned VM ends itself as its deployment says', async () => {
    await shell(runner.startCommand(place));
    const client = new RunnerClient(await openSocketChannel(runner.socketPath?.(place) ?? ''));
    await client.hello(1, 1, { leases: { acceptMs: 1, deadManMs: 1 } });
    client.close();
    const ended = until(() => readdirSync(folder).includes('off'), 'the power-off command');
    await expect(ended).resolves.toBeUndefined();
  });

  test('a VM without Node starts the agent with the one it was sent', async () => {
    const bare = await loadRunner({ deployDirectory: folder, node: '/no/such/node' });
    symlinkSync(process.execPath, `${place.directory}/node`);
    expect(JSON.parse(await shell(bare.listCommand(place)))).toMatchObject({ containers: [] });
    const text = await shell(`echo '{"type":"list","id":4}' | ${bare.attachCommand(place)}`);
    expect(JSON.parse(text)).toMatchObject({ type: 'status', id: 4 });
  });

  test('an agent that cannot start says why', async () => {
    const broken = await loadRunner({ deployDirectory: folder, node: '/no/such/node' });
    await expect(shell(broken.startCommand(place))).rejects.toThrow(/cannot run \/no\/such\/node/);
  });
});

test('every VM has a state folder of its own, however long its id; the version does not matter', async () => {
  await buildAgent();
  const runner = await loadRunner();
  const socket = (instanceId: string, directory: string) => runner.socketPath?.({ instanceId, directory });
  expect(socket('i-1', '/a')).not.toBe(socket('i-2', '/a'));
  expect(socket('i-1', '/a')).toBe(socket('i-1', '/b'));
  expect(socket(`/subscriptions/${'x'.repeat(300)}`, '/a')?.length).toBeLessThan(60);
});

test('the hash names the bytes, and there is a helper for each platform', async () => {
  await buildAgent();
  const [first, second] = [await loadRunner(), await runnerSource().load({ signal: new AbortController().signal })];
  expect(first.hash).toMatch(/^[0-9a-f]{64}$/);
  expect(second.hash).toBe(first.hash);
  expect(first.files.filter(({ path }) => path === 'drover-helper').map(({ platform }) => platform)).toEqual(
    helpers.map(({ uname }) => uname),
  );
});

test('a deploy directory whose sockets would have too long a name is refused at once', async () => {
  await expect(loadRunner({ deployDirectory: `/${'x'.repeat(80)}` })).rejects.toMatchObject({
    code: 'RUNNER_UNAVAILABLE',
    fix: expect.stringContaining('shorter'),
  });
});

test('a missing bundle is an error that says how to mend it', async () => {
  await expect(loadRunner({}, '/nowhere')).rejects.toMatchObject({
    code: 'RUNNER_UNAVAILABLE',
    retryable: true,
    message: expect.stringContaining('agent.mjs'),
    fix: expect.stringContaining('setup'),
  });
});
