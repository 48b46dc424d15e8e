import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { RunnerClient, testUuid } from '@drover/testkit/conformance';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSocketChannel } from './socket-channel.ts';
import { onLinux, pidsWith, TestVm, until } from './test-vm.ts';

/**
 * A stand-in for docker: notes how it was called, keeps one file per container, runs the command as a process. `pull` fails for
 * images named `absent`, `run` for commands named `nope` after creating the container.
 */
const standIn = `#!/bin/sh
[ "$1" = rm ] || [ ! -f "$STAND_IN/down" ] || exit 1
echo "$*" >> "$STAND_IN/calls"
case "$1" in
image) case "$3" in *present*) exit 0;; esac; exit 1;;
pull) case "$3" in *absent*) echo "no such image" >&2; exit 1;; esac; exit 0;;
run)
  for word in "$@"; do case "$word" in
    --name=*) name=\${word#--name=};;
    --env-file=*) cp "\${word#--env-file=}" "$STAND_IN/env-seen";;
    --entrypoint=*) entry=\${word#--entrypoint=};;
  esac; done
  echo "\${entry}" > "$STAND_IN/container-$name"
  if [ "$entry" = nope ]; then echo "oci: not found" >&2; exit 127; fi
  while [ "$1" != "--entrypoint=$entry" ]; do shift; done; shift 2
  exec "$entry" "$@";;
inspect)
  file="$STAND_IN/container-$6"; [ -f "$file" ] || exit 1
  started=2026-01-01T00:00:00Z; [ "$(cat "$file")" = nope ] && started=0001-01-01T00:00:00Z
  oom=false; [ -f "$STAND_IN/oom" ] && oom=true
  echo "drover oom=$oom running=false exit=1 started=$started";;
rm) rm -f "$STAND_IN/container-$3";;
ps) cat "$STAND_IN/orphans" 2>/dev/null;;
esac
`;

let vm: TestVm;
let client: RunnerClient;
let bin: string;

beforeEach(async () => {
  if (!onLinux) return;
  bin = mkdtempSync(`${tmpdir()}/drover-engine-`);
  writeFileSync(`${bin}/docker`, standIn.replaceAll('$STAND_IN', bin));
  chmodSync(`${bin}/docker`, 0o755);
  vm = await TestVm.start({ flags: ['--engine=docker'], env: { PATH: `${bin}:${process.env['PATH'] ?? ''}` } });
  client = new RunnerClient(await openSocketChannel(vm.socketPath));
  await client.hello(1, 1);
});

afterEach(async () => {
  if (!onLinux) return;
  client.close();
  await vm.dispose();
  rmSync(bin, { recursive: true });
});

async function run(image: string, command: readonly string[], uuid = testUuid(1)) {
  const reply = await client.ask({
    type: 'start',
    uuid,
    generation: 1,
    container: { command, env: { SECRET: 'sesame' }, image },
    limits: { maxRunTimeMs: 0, memoryBytes: 0, vcpus: 0, maxLogBytes: 10_000, killGraceMs: 500 },
    gpuDevices: [],
    gatewaySecret: '',
  });
  expect(reply).toMatchObject({ type: 'ok' });
  return uuid;
}

function calls(): readonly string[] {
  return readFileSync(`${bin}/calls`, 'utf8').trimEnd().split('\n');
}

test.skipIf(!onLinux)('a container is pulled if missing, run, asked about and removed', async () => {
  const uuid = await run('img', ['sh', '-c', 'echo hi; exit 9']);
  const { result, logs } = await client.finished(uuid);
  expect(result).toMatchObject({ exitCode: 9, oom: false });
  expect(result).not.toHaveProperty('startError');
  expect(Buffer.from(logs[0]?.base64 ?? '', 'base64').toString()).toBe('hi\n');
  const verbs = calls().map((call) => call.split(' ')[0]);
  expect(verbs.filter((verb) => verb !== 'ps')).toEqual(['image', 'pull', 'run', 'inspect', 'rm']);
  expect(readFileSync(`${bin}/env-seen`, 'utf8')).toContain('SECRET=sesame\n');
  expect(calls().join('\n')).not.toContain('sesame');
});

test.skipIf(!onLinux)('an image that is there is not pulled', async () => {
  await client.finished(await run('present', ['true']));
  expect(calls().filter((call) => call.startsWith('pull'))).toEqual([]);
});

test.skipIf(!onLinux)('an image that cannot be had is a start error with the reason in the log', async () => {
  const { result, logs } = await client.finished(await run('absent', ['true']));
  expect(result.startError).toContain('image staging failed');
  expect(result).not.toHaveProperty('exitCode');
  expect(Buffer.from(logs[0]?.base64 ?? '', 'base64').toString()).toContain('no such image');
});

test.skipIf(!onLinux)('a container that the engine could not start is a start error, not exit code 127', async () => {
  const { result } = await client.finished(await run('img', ['nope']));
  expect(result.startError).toContain('could not start');
  expect(result).not.toHaveProperty('exitCode');
});

test.skipIf(!onLinux)('what the engine knows about memory is told', async () => {
  writeFileSync(`${bin}/oom`, '');
  expect((await client.finished(await run('img', ['false']))).result).toMatchObject({ oom: true, exitCode: 1 });
});

test.skipIf(!onLinux)('an engine that does not answer is the VM’s fault, not the container’s', async () => {
  writeFileSync(`${bin}/down`, '');
  const { result } = await client.finished(await run('img', ['true']));
  expect(result).toMatchObject({ unknown: true, startError: expect.stringContaining('does not answer') });
  expect(await client.ask({ type: 'list' })).toMatchObject({ status: { broken: expect.stringContaining('engine') } });
});

test.skipIf(!onLinux)('a container has not ended before an engine that went away says so', async () => {
  const uuid = await run('img', ['sh', '-c', `until [ -e ${bin}/go ]; do sleep 0.02; done; exit 1`]);
  await until(() => calls().some((call) => call.startsWith('run')), 'the start');
  writeFileSync(`${bin}/down`, '');
  writeFileSync(`${bin}/go`, '');
  await until(() => pidsWith('sleep 1').length > 0 || pidsWith(`drover-${uuid}.1`).length > 0, 'the cleanup');
  expect(await client.ask({ type: 'list' })).toMatchObject({ status: { containers: [{ uuid, state: 'running' }] } });
  rmSync(`${bin}/down`);
  expect((await client.finished(uuid)).result).toMatchObject({ exitCode: 1, unknown: false });
});

test.skipIf(!onLinux)('a killed container is removed, too', async () => {
  const uuid = await run('img', ['sleep', '60']);
  await client.started(uuid);
  await client.ask({ type: 'kill', uuid, generation: 1 });
  expect((await client.finished(uuid)).result).toMatchObject({ killed: true });
  expect(calls().at(-1)).toBe(`rm --force drover-${uuid}.1`);
});

test.skipIf(!onLinux)(
  'a container whose shim was killed is removed, and orphans are swept when the agent starts',
  async () => {
    const uuid = await run('img', ['sleep', '60']);
    await client.started(uuid);
    const [shim] = vm.shimPids();
    await vm.kill(shim ?? 0);
    expect((await client.finished(uuid)).result.unknown).toBe(true);
    await until(() => calls().includes(`rm --force drover-${uuid}.1`), 'the removal');
    writeFileSync(`${bin}/orphans`, `dead ${testUuid(8)}.1\n`);
    await vm.kill(vm.agentPid());
    await vm.ensureAgent();
    await until(() => calls().includes('rm --force dead'), 'the sweep');
  },
);
