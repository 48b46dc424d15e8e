import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerRecord } from '@drover/spec';
import { expect, test, vi } from 'vitest';
import type { DispatcherProcess } from './dispatcher-process.ts';
import { Ledger } from './ledger.ts';
import { signal } from './processes.ts';
import { final, instanceOf, running, textOf } from './queries.ts';
import { untilTrue } from './until.ts';
import { processOf, runnerState, vmProcesses } from './vm-processes.ts';
import { type ConfigInput, World } from './world.ts';

vi.setConfig({ testTimeout: 60_000 });

interface Scene {
  readonly world: World;
  readonly dispatcher: DispatcherProcess;
  readonly ledger: Ledger;
  readonly uuid: string;
  /** As it was when it ran. */
  readonly record: ContainerRecord;
}

/** A dispatcher with one VM on which one container runs and has said so. */
async function oneRuns(config: Partial<ConfigInput> = {}): Promise<Scene> {
  const world = new World(config);
  const ledger = new Ledger(world.folder('ledger'));
  const dispatcher = await world.start();
  const [uuid = ''] = await dispatcher.client.submit([ledger.container(2)]);
  const record = await running(dispatcher.client, uuid);
  await untilTrue('it has begun', () => ledger.lines(uuid).length > 0);
  return { world, dispatcher, ledger, uuid, record };
}

/** Drains it: nothing of the damage is left. */
async function expectClean({ world, dispatcher }: Scene): Promise<void> {
  expect(await dispatcher.stop({ drain: true })).toBe(0);
  expect(world.processes()).toEqual([]);
  expect(world.vmFolders()).toEqual([]);
}

/** The container ran again elsewhere, after the first execution had ended, and the history says why. */
async function expectRanAgain(scene: Scene, outcome: string): Promise<void> {
  const { dispatcher, ledger, uuid, record } = scene;
  const ended = await final(dispatcher.client, uuid);
  expect(ended).toMatchObject({ state: 'Complete', result: { exitCode: 0 } });
  expect(ended.attempts.map((attempt) => attempt.outcome)).toEqual([outcome, 'result']);
  expect(ended.attempts[0]?.detail).toMatch(/\w/);
  expect(ledger.lines(uuid)).toEqual([
    { kind: 'start', generation: record.generation },
    { kind: 'start', generation: ended.generation },
    { kind: 'end', generation: ended.generation },
  ]);
}

/** The container never noticed. */
async function expectUndisturbed({ dispatcher, ledger, uuid, record }: Scene): Promise<void> {
  const ended = await final(dispatcher.client, uuid);
  expect(ended).toMatchObject({ state: 'Complete', generation: record.generation, result: { exitCode: 0 } });
  expect(ended.instanceId).toBe(record.instanceId);
  expect(ledger.kinds(uuid)).toEqual(['start', 'end']);
  expect(await textOf(dispatcher.client, uuid)).toBe(`ran as ${uuid}\n`);
}

test('a VM whose every process is killed is replaced, and its container runs again', async () => {
  const scene = await oneRuns();
  for (const pid of vmProcesses(scene.world, instanceOf(scene.record))) signal(pid);
  await expectRanAgain(scene, 'instance-lost');
  expect((await scene.dispatcher.client.instances()).map(({ instanceId }) => instanceId)).not.toContain(
    scene.record.instanceId,
  );
  await expectClean(scene);
});

test('the end of its SSH server is the end of a VM', async () => {
  const scene = await oneRuns();
  signal((await processOf(scene.world, 'server')).pid);
  await expectRanAgain(scene, 'instance-lost');
  await expectClean(scene);
});

test.each(['agent', 'spawner'] as const)('a container survives the %s of its runner', async (role) => {
  const scene = await oneRuns();
  const { pid } = await processOf(scene.world, role);
  signal(pid);
  await expectUndisturbed(scene);
  await expectClean(scene);
});

test('a container whose shim was killed ends with it and runs again', async () => {
  const scene = await oneRuns();
  signal((await processOf(scene.world, 'shim')).pid);
  await expectRanAgain(scene, 'runner-lost');
  await expectClean(scene);
});

test('a frozen VM is given up, destroyed and replaced', async () => {
  const pool = { replyTimeout: '1s', probeTimeout: '2s', timeoutProbe: '2s' } as const;
  const scene = await oneRuns({ pool });
  for (const pid of vmProcesses(scene.world, instanceOf(scene.record))) signal(pid, 'SIGSTOP');
  await expectRanAgain(scene, 'instance-lost');
  await expectClean(scene);
});

test('a VM that thaws in time goes on as if nothing had been', async () => {
  const pool = { replyTimeout: '1s', probeTimeout: '2s', timeoutProbe: '30s' } as const;
  const scene = await oneRuns({ pool, logs: { level: 'debug' } });
  const frozen = vmProcesses(scene.world, instanceOf(scene.record));
  for (const pid of frozen) signal(pid, 'SIGSTOP');
  await untilTrue('the dispatcher has noticed', () => scene.world.log().includes('did not answer within'));
  for (const pid of frozen.toReversed()) signal(pid, 'SIGCONT');
  await expectUndisturbed(scene);
  await expectClean(scene);
});

test('a VM whose runner is broken gets no more work and goes away', async () => {
  const scene = await oneRuns();
  const { world, dispatcher, ledger, record } = scene;
  await expectUndisturbed(scene);
  const runs = join(await runnerState(world), 'runs');
  rmSync(runs, { recursive: true });
  writeFileSync(runs, 'a file where a folder should be');
  const [uuid = ''] = await dispatcher.client.submit([ledger.container(0.1)]);
  const ended = await final(dispatcher.client, uuid);
  expect(ended).toMatchObject({ state: 'Complete', result: { exitCode: 0 } });
  expect(ended.instanceId).not.toBe(record.instanceId);
  expect(ledger.kinds(uuid)).toEqual(['start', 'end']);
  await untilTrue('the broken VM is gone', async () =>
    (await dispatcher.client.instances()).every(({ instanceId }) => instanceId !== record.instanceId),
  );
  expect(world.log()).toContain('could not be set up');
  await expectClean(scene);
});

test('VMs that never boot are replaced until one does', async () => {
  const world = new World();
  const booted = join(world.root, 'booted');
  const ledger = new Ledger(world.folder('ledger'));
  const pool = { bootProbeCommand: `test -e ${booted}`, timeoutBooting: '1s', bootRetryInterval: '300ms' } as const;
  const dispatcher = await world.start({ pool });
  const [uuid = ''] = await dispatcher.client.submit([ledger.container(0.1)]);
  const [first] = await dispatcher.client.instances();
  await untilTrue('the first VM was given up', () => world.log().includes('Boot probe: exit code 1'));
  expect((await dispatcher.client.get(uuid)).state).toMatch(/Queued|Locked/);
  writeFileSync(booted, '');
  const ended = await final(dispatcher.client, uuid);
  expect(ended).toMatchObject({ state: 'Complete', result: { exitCode: 0 } });
  expect(ended.instanceId).not.toBe(first?.instanceId);
  expect(ledger.kinds(uuid)).toEqual(['start', 'end']);
  await expectClean({ world, dispatcher, ledger, uuid, record: ended });
});

test('VMs that come up without SSH are destroyed, and the container runs once VMs are good again', async () => {
  const world = new World({ pool: { timeoutBooting: '1s', bootRetryInterval: '300ms', probeTimeout: '1s' } });
  const ledger = new Ledger(world.folder('ledger'));
  const bad = await world.start({ driver: { name: 'loopback', bootFailureRate: 1 } });
  const [uuid = ''] = await bad.client.submit([ledger.container(0.1)]);
  await untilTrue('a VM was given up', () => world.log().includes('no answer for 1 s'));
  await bad.kill();
  const dispatcher = await world.start();
  const ended = await final(dispatcher.client, uuid);
  expect(ended).toMatchObject({ state: 'Complete', result: { exitCode: 0 } });
  expect(ledger.kinds(uuid)).toEqual(['start', 'end']);
  await expectClean({ world, dispatcher, ledger, uuid, record: ended });
});
