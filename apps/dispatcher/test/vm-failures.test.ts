import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerRecord } from '@drover/spec';
import { expect, test, type TestContext, vi } from 'vitest';
import type { DispatcherProcess } from './dispatcher-process.ts';
import { Ledger } from './ledger.ts';
import { signal } from './processes.ts';
import { final, instanceOf, running, textOf } from './queries.ts';
import { untilTrue } from './until.ts';
import { processOf, runnerState, vmProcesses } from './vm-processes.ts';
import { type ConfigInput, World } from './world.ts';

// They wait most of the time.
vi.setConfig({ testTimeout: 60_000, maxConcurrency: 10 });

interface Scene {
  readonly world: World;
  readonly dispatcher: DispatcherProcess;
  readonly ledger: Ledger;
  readonly uuid: string;
  /** As it was when it ran. */
  readonly record: ContainerRecord;
}

/** A dispatcher with one VM on which one container runs and has said so. */
async function oneRuns(context: TestContext, config: Partial<ConfigInput> = {}): Promise<Scene> {
  const world = new World(context, config);
  const ledger = new Ledger(world.folder('ledger'));
  const dispatcher = await world.start();
  const [uuid = ''] = await dispatcher.client.submit([ledger.container(2)]);
  const record = await running(dispatcher.client, uuid);
  await untilTrue('it has begun', () => ledger.lines(uuid).length > 0);
  return { world, dispatcher, ledger, uuid, record };
}

/** How it went in the end: the container, then what a drain leaves. */
async function endOf({ world, dispatcher, ledger, uuid, record }: Scene) {
  const ended = await final(dispatcher.client, uuid);
  const started = ended.attempts.filter(({ startedAtMs }) => startedAtMs !== undefined);
  const nameOf = (generation: number): string => (generation === record.generation ? 'first' : 'second');
  return {
    state: ended.state,
    exitCode: ended.result?.exitCode,
    outcomes: started.map((attempt) => attempt.outcome),
    details: started.every(({ outcome, detail }) => outcome === 'result' || detail !== undefined),
    generations: ended.attempts.at(-1)?.generation === ended.generation,
    sameVm: ended.instanceId === record.instanceId,
    ledger: ledger.lines(uuid).map(({ kind, generation }) => `${nameOf(generation)} ${kind}`),
    output: (await textOf(dispatcher.client, uuid)) === `ran as ${uuid}\n`,
    exit: await dispatcher.stop({ drain: true }),
    processes: world.processes(),
    folders: world.vmFolders(),
  };
}

const good = { state: 'Complete', exitCode: 0, details: true, generations: true, output: true };
const clean = { exit: 0, processes: [], folders: [] };

/** The container never noticed. */
const undisturbed = {
  ...good,
  ...clean,
  outcomes: ['result'],
  sameVm: true,
  ledger: ['first start', 'first end'],
};

/** The container ran again, after the first execution had ended, and the history says why. */
function ranAgain(outcome: string, { sameVm = false } = {}) {
  const lines = ['first start', 'second start', 'second end'];
  return { ...good, ...clean, outcomes: [outcome, 'result'], sameVm, ledger: lines };
}

test.concurrent('a VM whose every process is killed is replaced, and its container runs again', async (context) => {
  const scene = await oneRuns(context);
  for (const pid of vmProcesses(scene.world, instanceOf(scene.record))) signal(pid);
  expect(await endOf(scene)).toEqual(ranAgain('instance-lost'));
});

test.concurrent('the end of its SSH server is the end of a VM', async (context) => {
  const scene = await oneRuns(context);
  signal((await processOf(scene.world, 'server')).pid);
  expect(await endOf(scene)).toEqual(ranAgain('instance-lost'));
});

test.concurrent.for(['agent', 'spawner'] as const)(
  'a container survives the %s of its runner',
  async (role, context) => {
    const scene = await oneRuns(context);
    const { pid } = await processOf(scene.world, role);
    signal(pid);
    expect(await endOf(scene)).toEqual(undisturbed);
  },
);

test.concurrent('a container whose shim was killed ends with it and runs again', async (context) => {
  const scene = await oneRuns(context);
  signal((await processOf(scene.world, 'shim')).pid);
  expect(await endOf(scene)).toEqual(ranAgain('runner-lost', { sameVm: true }));
});

test.concurrent('a frozen VM is given up, destroyed and replaced', async (context) => {
  const pool = { replyTimeout: '1s', probeTimeout: '2s', timeoutProbe: '2s' } as const;
  const scene = await oneRuns(context, { pool });
  for (const pid of vmProcesses(scene.world, instanceOf(scene.record))) signal(pid, 'SIGSTOP');
  expect(await endOf(scene)).toEqual(ranAgain('instance-lost'));
});

test.concurrent('a VM that thaws in time goes on as if nothing had been', async (context) => {
  const pool = { replyTimeout: '1s', probeTimeout: '2s', timeoutProbe: '30s' } as const;
  const scene = await oneRuns(context, { pool, logs: { level: 'debug' } });
  const frozen = vmProcesses(scene.world, instanceOf(scene.record));
  for (const pid of frozen) signal(pid, 'SIGSTOP');
  await untilTrue('the dispatcher has noticed', () => scene.world.log().includes('did not answer within'));
  for (const pid of frozen.toReversed()) signal(pid, 'SIGCONT');
  expect(await endOf(scene)).toEqual(undisturbed);
});

test.concurrent('a VM whose runner is broken gets no more work and goes away', async (context) => {
  const scene = await oneRuns(context);
  const { world, dispatcher, ledger, record } = scene;
  await final(dispatcher.client, scene.uuid);
  const runs = join(await runnerState(world), 'runs');
  // The agent may be tidying up after the run just now, and then makes the folder again.
  await untilTrue('a file is where the folder should be', () => replaceByFile(runs));
  const [uuid = ''] = await dispatcher.client.submit([ledger.container(0.1)]);
  const ended = await final(dispatcher.client, uuid);
  expect(ended).toMatchObject({ state: 'Complete', result: { exitCode: 0 } });
  expect(ended.instanceId).not.toBe(record.instanceId);
  expect(ledger.kinds(uuid)).toEqual(['start', 'end']);
  await untilTrue('the broken VM is gone', async () =>
    (await dispatcher.client.instances()).every(({ instanceId }) => instanceId !== record.instanceId),
  );
  expect(world.log()).toContain('could not be set up');
  expect(await endOf(scene)).toEqual(undisturbed);
});

test.concurrent('VMs that never boot are replaced until one does', async (context) => {
  const world = new World(context);
  const booted = join(world.root, 'booted');
  const ledger = new Ledger(world.folder('ledger'));
  const pool = { bootProbeCommand: `test -e ${booted}`, timeoutBooting: '1s', bootRetryInterval: '300ms' } as const;
  const dispatcher = await world.start({ pool });
  const [uuid = ''] = await dispatcher.client.submit([ledger.container(0.1)]);
  await untilTrue('the first VM was given up', () =>
    world.log().includes('no answer for 1 s: Boot probe: exit code 1'),
  );
  expect((await dispatcher.client.get(uuid)).state).toMatch(/Queued|Locked/);
  writeFileSync(booted, '');
  const record = await final(dispatcher.client, uuid);
  expect(await endOf({ world, dispatcher, ledger, uuid, record })).toEqual(undisturbed);
});

test.concurrent('VMs that come up without SSH are destroyed, and the container runs once VMs are good again', async (context) => {
  const world = new World(context, { pool: { timeoutBooting: '1s', bootRetryInterval: '300ms', probeTimeout: '2s' } });
  const ledger = new Ledger(world.folder('ledger'));
  const bad = await world.start({ driver: { name: 'loopback', bootFailureRate: 1 } });
  const [uuid = ''] = await bad.client.submit([ledger.container(0.1)]);
  await untilTrue('a VM was given up', () => world.log().includes('no answer for 1 s'));
  await bad.kill();
  const dispatcher = await world.start({ pool: { timeoutBooting: '5s' } });
  const record = await final(dispatcher.client, uuid);
  expect(await endOf({ world, dispatcher, ledger, uuid, record })).toEqual(undisturbed);
});

/** False when somebody made the folder again in between. */
function replaceByFile(folder: string): boolean {
  rmSync(folder, { recursive: true, force: true });
  try {
    writeFileSync(folder, 'a file where a folder should be', { flag: 'wx' });
    return true;
  } catch {
    return false;
  }
}
