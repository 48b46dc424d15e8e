import { driver, ec2Params } from '@drover/driver-ec2';
import { FakeEc2, startSshHost } from '@drover/fake-clouds/ec2';
import { poolOptions } from '@drover/pool';
import type { InstanceType } from '@drover/spec';
import { createSshExecutorFactory, generateSshKeyPair } from '@drover/ssh-executor';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../ports/system-clock.ts';
import { systemRandom } from '../ports/system-random.ts';
import { chooseTargets } from './choose-targets.ts';
import { type CloudTestReport, runCloudTest } from './cloud-test.ts';

const type: InstanceType = {
  name: 'small',
  providerType: 'm5.large',
  vcpus: 2,
  ramBytes: 8 * 2 ** 30,
  scratchBytes: 0,
  includedScratchBytes: 0,
  addedScratchBytes: 0,
  pricePerHour: 0.096,
  preemptible: false,
};

/** A test over AWS's SDK, a fake region, and real SSH to what runs in its VMs. */
async function cloudTest(startHost: FakeEc2['account']['startHost']): Promise<CloudTestReport> {
  const fake = new FakeEc2({ clock: systemClock, delays: { bootMs: 0, shutdownMs: 0, consoleMs: 0 } });
  fake.account.startHost = startHost;
  const key = generateSshKeyPair();
  const params = {
    region: 'us-east-1',
    endpoint: await fake.listen(),
    accessKeyId: 'AKIAFAKEFAKEFAKEFAKE',
    secretAccessKey: 'secret',
    subnetId: 'subnet-0aaaaaaaaaaaaaaa1',
  };
  const options = poolOptions({
    instanceSetId: 'set-cloudtest',
    instanceTypes: [type],
    imageId: 'ami-0123456789abcdef0',
    authorizedKey: key.publicKeyOpenSsh,
    bootProbeCommand: 'true',
    bootRetryMs: 50,
    timeoutBootingMs: 10_000,
  });
  const instanceSet = await driver.open(ec2Params.parse(params), {
    clock: systemClock,
    random: systemRandom,
    instanceSetId: options.instanceSetId,
    tagKeyPrefix: options.tagKeyPrefix,
    instanceTypes: [type],
    stateDirectory: '/nonexistent',
  });
  onTestFinished(async () => {
    await instanceSet.close();
    await fake.close();
    expect(fake.violations).toEqual([]);
  });
  const ports = { clock: systemClock, random: systemRandom };
  const context = {
    ...ports,
    instanceSet,
    executorFactory: createSshExecutorFactory({ ...ports, privateKey: key.privateKeyPem }),
    runner: undefined,
    options,
    command: 'echo "hello from $0"',
    beforeDestroy: async () => undefined,
    onStep: () => undefined,
  };
  const targets = chooseTargets({ types: [], allTypes: false, allOfferings: false }, [type], instanceSet);
  const { signal } = new AbortController();
  return runCloudTest(context, { targets, parallel: 1, destroyExisting: false, signal });
}

test('a VM comes, proves by its console who it is, obeys, is tagged and goes', { timeout: 30_000 }, async () => {
  const report = await cloudTest(startSshHost);
  expect(report.vms[0]?.steps.map(({ step, ok, detail }) => [step, ok || detail])).toEqual(
    ['create', 'boot', 'identity', 'probe', 'command', 'tags', 'destroy', 'gone'].map((step) => [step, true]),
  );
  const detail = (name: string) => report.vms[0]?.steps.find(({ step }) => step === name)?.detail;
  expect(detail('identity')).toBe('proven by the host key that the cloud publishes');
  expect(detail('command')).toBe('hello from /bin/sh');
  expect(report).toMatchObject({ ok: true, left: [] });
});

test('another host than the VM is found out, and the VM goes all the same', { timeout: 30_000 }, async () => {
  const other = startSshHost(() => false);
  onTestFinished(() => other.end());
  const report = await cloudTest((accepts) => {
    const host = startSshHost(accepts);
    return {
      hostKey: other.hostKey,
      end: () => host.end(),
      get address() {
        return host.address;
      },
    };
  });
  const failed = report.vms[0]?.steps.filter(({ ok }) => !ok);
  expect(failed).toMatchObject([{ step: 'identity', code: 'SSH_HOST_KEY' }]);
  expect(report).toMatchObject({ ok: false, left: [] });
});
