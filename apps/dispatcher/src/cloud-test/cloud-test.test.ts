import { poolOptions } from '@drover/pool';
import type { InstanceType } from '@drover/spec';
import { FakeCloud, SeededRandom, SimulatedClock, SimulatedHosts, simulatedRunner } from '@drover/testkit';
import { expect, test } from 'vitest';
import type { CloudTestContext, VmStep, VmTestResult } from './cloud-test-types.ts';
import { chooseTargets } from './choose-targets.ts';
import { type CloudTestPlan, type CloudTestReport, runCloudTest } from './cloud-test.ts';

function instanceType(name: string, pricePerHour: number): InstanceType {
  return {
    name,
    providerType: `p-${name}`,
    vcpus: 1,
    ramBytes: 2 ** 30,
    scratchBytes: 0,
    includedScratchBytes: 0,
    addedScratchBytes: 0,
    pricePerHour,
    preemptible: false,
  };
}

const types = [instanceType('large', 2), instanceType('small', 1)];

/** A simulated cloud with hosts, and a test over it. */
class World {
  readonly clock = new SimulatedClock();
  readonly hosts: SimulatedHosts;
  readonly cloud: FakeCloud;
  readonly steps: string[] = [];
  readonly stop = new AbortController();
  readonly #random = new SeededRandom(1);

  constructor(publishesHostKeys = true) {
    const { clock } = this;
    this.hosts = new SimulatedHosts({ clock, random: this.#random });
    this.cloud = new FakeCloud({ clock, random: this.#random, hooks: this.hosts.cloudHooks, publishesHostKeys });
  }

  async run(plan: Partial<CloudTestPlan> = {}, context: Partial<CloudTestContext> = {}): Promise<CloudTestReport> {
    const running = runCloudTest(
      {
        clock: this.clock,
        random: this.#random,
        instanceSet: this.cloud,
        executorFactory: this.hosts.executorFactory,
        runner: simulatedRunner,
        options: poolOptions({ instanceSetId: 'set-cloudtest', instanceTypes: types, bootProbeCommand: 'true' }),
        command: 'true',
        beforeDestroy: async () => undefined,
        onStep: ({ offering }, { step, ok }) => this.steps.push(`${offering.id} ${step}${ok ? '' : ' failed'}`),
        ...context,
      },
      { targets: this.targets(), parallel: 2, destroyExisting: false, signal: this.stop.signal, ...plan },
    );
    const state = { ended: false };
    const mark = (): void => {
      state.ended = true;
    };
    running.then(mark, mark);
    for (let round = 0; round < 4000 && !state.ended; round += 1) await this.clock.advance(1_000);
    return running;
  }

  /** A VM that an earlier test has left. */
  async leave(): Promise<string> {
    const [target] = this.targets();
    if (target === undefined) throw new Error('nothing to buy');
    const created = this.cloud.create(
      {
        createId: 'left',
        count: 1,
        ...target,
        imageId: '',
        tags: [{ ArvadosInstanceSetID: 'set-cloudtest' }],
        initCommands: ['true'],
        authorizedKey: 'ssh-ed25519 AAAA',
      },
      { signal: new AbortController().signal },
    );
    await this.clock.advance(300_000);
    const [result] = await created;
    if (result?.ok !== true) throw new Error('not created');
    return result.instance.id;
  }

  targets(all = false): CloudTestPlan['targets'] {
    return chooseTargets({ types: [], allTypes: all, allOfferings: all }, types, this.cloud);
  }

  living(): readonly string[] {
    return this.cloud.vms.filter((vm) => vm.lifecycle !== 'terminated').map((vm) => vm.id);
  }
}

function onlyVm({ vms }: CloudTestReport): VmTestResult {
  const [vm] = vms;
  if (vm === undefined) throw new Error('no VM was tested');
  return vm;
}

function step(report: CloudTestReport, name: VmStep['step']): VmStep | undefined {
  return onlyVm(report).steps.find((candidate) => candidate.step === name);
}

test('a good cloud passes every step, each with its time, and has no VM afterwards', async () => {
  const world = new World();
  const report = await world.run();
  expect(report).toMatchObject({ ok: true, interrupted: false, left: [] });
  const vm = onlyVm(report);
  expect(vm).toMatchObject({ instanceType: 'small', ok: true, instanceId: expect.any(String) });
  expect(vm.steps.map((each) => each.step)).toEqual([
    'create',
    'boot',
    'identity',
    'probe',
    'runner',
    'command',
    'tags',
    'destroy',
    'gone',
  ]);
  expect(vm.bootMs).toBeGreaterThan(0);
  expect(step(report, 'boot')?.tookMs).toBeGreaterThan(0);
  expect(step(report, 'identity')?.detail).toBe('proven by the host key that the cloud publishes');
  expect(world.living()).toEqual([]);
});

test('where the cloud publishes no key, the secret file proves who the VM is', async () => {
  const report = await new World(false).run();
  expect(step(report, 'identity')).toMatchObject({ ok: true, detail: 'proven by the content of its secret file' });
});

test('every type in every zone has a VM of its own, reported in their order', async () => {
  const world = new World();
  const targets = world.targets(true);
  const report = await world.run({ targets });
  expect(report.ok).toBe(true);
  expect(report.vms.map((vm) => vm.offeringId)).toEqual(targets.map(({ offering }) => offering.id));
  expect(report.vms.length).toBeGreaterThan(types.length - 1);
  expect(world.living()).toEqual([]);
});

test('it does not begin beside VMs of the set, unless it may destroy them', async () => {
  const world = new World();
  const left = await world.leave();
  await expect(world.run()).rejects.toMatchObject({ code: 'CLOUDTEST_INSTANCES_EXIST' });
  expect(world.living()).toEqual([left]);
  const report = await world.run({ destroyExisting: true });
  expect(report.ok).toBe(true);
  expect(world.living()).toEqual([]);
});

test('a create that is refused is said with its code', async () => {
  const world = new World();
  world.cloud.faults.quota = 0;
  const report = await world.run();
  expect(report).toMatchObject({ ok: false, left: [] });
  expect(onlyVm(report).steps).toMatchObject([{ step: 'create', ok: false, code: 'CLOUD_QUOTA' }]);
});

test('without credentials nothing is begun', async () => {
  const world = new World();
  world.cloud.faults.authBroken = true;
  await expect(world.run()).rejects.toMatchObject({ code: 'CLOUD_AUTH' });
  expect(world.cloud.calls.create).toBe(0);
});

test('a VM that never boots fails, and goes', async () => {
  const world = new World();
  world.cloud.faults.neverBootsRate = 1;
  const report = await world.run();
  expect(report.ok).toBe(false);
  expect(onlyVm(report).steps.find(({ ok }) => !ok)).toMatchObject({ code: 'CLI_WAIT_TIMEOUT' });
  expect(step(report, 'gone')?.ok).toBe(true);
  expect(world.living()).toEqual([]);
});

test('a create whose answer is lost gives one VM, which is tested and goes', async () => {
  const world = new World();
  world.cloud.faults.calls.create = { answerLostRate: 0.5 };
  const report = await world.run();
  expect(world.cloud.vms.length).toBeLessThanOrEqual(1);
  expect(world.living()).toEqual([]);
  expect(report.left).toEqual([]);
});

test('a create of which nobody knows is waited for before the cloud is called empty', async () => {
  const world = new World();
  world.cloud.faults.calls.create = { answerLostRate: 1 };
  const report = await world.run();
  expect(report).toMatchObject({ ok: false, left: [] });
  expect(world.cloud.calls.destroy).toBeGreaterThan(0);
  expect(world.living()).toEqual([]);
});

test('a command that fails is reported, and the VM is still tagged and destroyed', async () => {
  const report = await new World().run({}, { command: 'no-such-command' });
  expect(step(report, 'command')).toMatchObject({ ok: false, detail: expect.stringContaining('command not found') });
  expect(step(report, 'tags')?.ok).toBe(true);
  expect(step(report, 'gone')?.ok).toBe(true);
});

test.each(['boot', 'pause'] as const)('given up during the %s, it leaves nothing', async (moment) => {
  const world = new World();
  const { stop } = world;
  if (moment === 'boot') world.clock.timer(3_000, () => stop.abort(new Error('Ctrl-C')));
  const beforeDestroy = async (): Promise<void> => {
    if (moment === 'pause') stop.abort(new Error('Ctrl-C'));
  };
  const report = await world.run({ targets: world.targets(true), parallel: 1 }, { beforeDestroy });
  expect(report).toMatchObject({ interrupted: true, left: [] });
  expect(report.vms).toHaveLength(1);
  expect(step(report, 'gone')?.ok).toBe(true);
  expect(world.living()).toEqual([]);
});

test('destroys that the cloud forgets are asked for again', async () => {
  const world = new World();
  world.cloud.faults.destroyIgnoredRate = 0.5;
  const report = await world.run({ targets: world.targets(true) });
  expect(report.left).toEqual([]);
  expect(world.living()).toEqual([]);
});
