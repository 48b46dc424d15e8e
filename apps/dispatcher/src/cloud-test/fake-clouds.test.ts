import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { azureParams, createAzureDriver } from '@drover/driver-azure';
import { driver as ec2, ec2Params } from '@drover/driver-ec2';
import { driver as gce, gceParams } from '@drover/driver-gce';
import { FakeAzure, fakeAzureParams } from '@drover/fake-clouds/azure';
import { FakeEc2, fakeEc2Defaults, fakeEc2Params, startSshHost, type StartSshHost } from '@drover/fake-clouds/ec2';
import { startFakeGce } from '@drover/fake-clouds/gce';
import { poolOptions } from '@drover/pool';
import type { DriverContext, InstanceSet, InstanceType } from '@drover/spec';
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

/** A fake cloud, and what of it a configuration names. */
interface Cloud {
  readonly imageId: string;
  readonly providerType: string;
  open(context: DriverContext): Promise<InstanceSet>;
  /** Ends it; gives what broke the vendor's schema. */
  close(): Promise<readonly string[]>;
}

async function ec2Cloud(startHost: StartSshHost): Promise<Cloud> {
  const fake = new FakeEc2({ clock: systemClock, delays: { bootMs: 0, shutdownMs: 0, consoleMs: 0 } });
  fake.account.startHost = startHost;
  const params = ec2Params.parse({
    ...fakeEc2Params,
    endpoint: await fake.listen(),
  });
  return {
    imageId: fakeEc2Defaults.imageId,
    providerType: 'm5.large',
    open: (context) => ec2.open(params, context),
    close: async () => {
      await fake.close();
      return fake.violations;
    },
  };
}

async function gceCloud(startHost: StartSshHost): Promise<Cloud> {
  const fake = await startFakeGce({ clock: systemClock, pendingMs: 0, insertMs: 0, stopMs: 0, startHost });
  const { project, zones } = fake.cloud.options;
  const params = gceParams.parse({ project, zones: [...zones], subnetwork: 'default', apiEndpoint: fake.url });
  return {
    imageId: 'worker',
    providerType: 'n2-standard-4',
    open: (context) => gce.open(params, context),
    close: async () => {
      await fake.close();
      return fake.violations;
    },
  };
}

async function azureCloud(startHost: StartSshHost): Promise<Cloud> {
  const fake = await FakeAzure.start({ clock: systemClock, bootMs: 0, deleteMs: 0, listLagMs: 0, startHost });
  const params = azureParams.parse({
    ...fakeAzureParams,
    endpoint: fake.url,
  });
  const credential = {
    getToken: async () => ({ token: 'token-of-the-fake', expiresOnTimestamp: Date.now() + 3_600_000 }),
  };
  const azure = createAzureDriver({ ca: fake.ca, credential });
  return {
    imageId: 'Canonical:ubuntu-24_04-lts:server:latest',
    providerType: 'Standard_D2s_v3',
    open: (context) => azure.open(params, context),
    close: async () => {
      await fake.close();
      return fake.violations;
    },
  };
}

const clouds = { ec2: ec2Cloud, gce: gceCloud, azure: azureCloud };

/** A test over the vendor's SDK, a fake of its cloud, and real SSH to what runs in the VMs. */
async function cloudTest(name: keyof typeof clouds, startHost: StartSshHost): Promise<CloudTestReport> {
  const cloud = await clouds[name](startHost);
  const key = generateSshKeyPair();
  const folder = mkdtempSync(join(tmpdir(), 'drover-cloud-test-'));
  const instanceType = { ...type, providerType: cloud.providerType };
  const options = poolOptions({
    instanceSetId: 'set-cloudtest',
    instanceTypes: [instanceType],
    imageId: cloud.imageId,
    authorizedKey: key.publicKeyOpenSsh,
    bootProbeCommand: 'true',
    instanceSecretPath: join(folder, 'secret'),
    bootRetryMs: 50,
    timeoutBootingMs: 10_000,
  });
  const ports = { clock: systemClock, random: systemRandom };
  const instanceSet = await cloud.open({
    ...ports,
    instanceSetId: options.instanceSetId,
    tagKeyPrefix: options.tagKeyPrefix,
    instanceTypes: [instanceType],
    stateDirectory: '/nonexistent',
  });
  onTestFinished(async () => {
    rmSync(folder, { recursive: true });
    await instanceSet.close();
    expect(await cloud.close()).toEqual([]);
  });
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
  const targets = chooseTargets({ types: [], allTypes: false, allOfferings: false }, [instanceType], instanceSet);
  const { signal } = new AbortController();
  return runCloudTest(context, { targets, parallel: 1, destroyExisting: false, signal });
}

/** How each cloud's VMs prove who they are. */
const proofs = {
  ec2: 'the host key that the cloud publishes',
  gce: 'the host key that the cloud publishes',
  azure: 'the content of its secret file',
} as const;

test.each(['ec2', 'gce', 'azure'] as const)(
  '%s: a VM comes, proves who it is, obeys, is tagged and goes',
  { timeout: 30_000 },
  async (name) => {
    const report = await cloudTest(name, startSshHost);
    expect(report.vms[0]?.steps.map(({ step, ok, detail }) => [step, ok || detail])).toEqual(
      ['create', 'boot', 'identity', 'probe', 'command', 'tags', 'destroy', 'gone'].map((step) => [step, true]),
    );
    const detail = (name: string) => report.vms[0]?.steps.find(({ step }) => step === name)?.detail;
    expect(detail('identity')).toBe(`proven by ${proofs[name]}`);
    expect(detail('command')).toBe('hello from /bin/sh');
    expect(report).toMatchObject({ ok: true, left: [] });
  },
);

test.each(['ec2', 'gce'] as const)(
  '%s: another host than the VM is found out, and the VM goes',
  { timeout: 30_000 },
  async (name) => {
    const other = startSshHost(() => false);
    onTestFinished(() => other.end());
    const report = await cloudTest(name, (accepts) => {
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
  },
);
