import { composeDispatcher } from '@drover/compose';
import { systemClock, systemRandom } from '@drover/dispatcher';
import { FakeEc2 } from '@drover/fake-clouds/ec2';
import { openSqliteQueue } from '@drover/queue-sqlite';
import { ConnectError, type ContainerSpec, type Executor, type RunnerDeployment } from '@drover/spec';
import { atMost, type Figure } from '@drover/testkit/figure';
import { imageId, instanceSetId, instanceType, openEc2 } from './region.ts';

const vms = 200;
const bootMs = 3_000;

/** 200 containers that each need a VM, by the whole dispatcher, against a region that throttles as AWS does. */
export async function burst(): Promise<readonly Figure[]> {
  const fake = new FakeEc2({ clock: systemClock, throttles: true, delays: { bootMs } });
  const instanceSet = await openEc2(await fake.listen());
  const { queue, state, store, close } = await openSqliteQueue({
    path: ':memory:',
    inline: true,
    clock: systemClock,
    random: systemRandom,
  });
  const signal = AbortSignal.timeout(120_000);
  const dispatcher = composeDispatcher(
    {
      clock: systemClock,
      random: systemRandom,
      observe: () => undefined,
      instanceSet,
      executorFactory: unreachable,
      queue,
      stateStore: state,
      runner: { load: () => Promise.resolve(deployment) },
    },
    { pool: { instanceSetId, instanceTypes: [instanceType], imageId, maxInstances: 2 * vms, syncIntervalMs: 1_000 } },
  );
  await dispatcher.start();
  await dispatcher.whenReady();
  const started = performance.now();
  await store.submit(
    Array.from({ length: vms }, () => container),
    { signal },
  );
  while (running(fake) < vms) {
    signal.throwIfAborted();
    await systemClock.sleep(20);
  }
  const seconds = (performance.now() - started - bootMs) / 1_000;
  await dispatcher.stop();
  await close();
  await fake.close();
  const launches = fake.calls.filter((call) => call.action === 'RunInstances').map((call) => call.answer);
  const refused = launches.filter((answer) => answer !== 'ok');
  const twice = launches.filter((answer, index) => answer !== 'ok' && answer === launches[index - 1]);
  return [
    atMost(10, `EC2, ${vms} VMs running, beyond the time that one takes to boot`, seconds, 's'),
    atMost(0, `EC2, launches refused twice in a row for one reason, of ${launches.length}`, twice.length, ''),
    atMost(1, `EC2, launches refused, of ${launches.length}`, refused.length, ''),
  ];
}

function running({ fleet }: FakeEc2): number {
  return fleet.all.filter((vm) => fleet.state(vm) === 'running').length;
}

/** The fake's VMs are on no network. */
function unreachable(): Executor {
  const refuse = (): Promise<never> => Promise.reject(new ConnectError('a fake VM has no network'));
  return {
    setTarget: ignore,
    trust: ignore,
    connect: refuse,
    run: refuse,
    open: refuse,
    close: () => Promise.resolve(),
  };
}

const ignore = (): void => undefined;

/** Nothing is ever deployed: no VM is reached. */
const deployment: RunnerDeployment = {
  name: 'runner',
  hash: '0'.repeat(64),
  files: [],
  deployDirectory: '/bench',
  startCommand: () => 'start',
  listCommand: () => 'list',
  attachCommand: () => 'attach',
  socketPath: () => '/bench/agent.sock',
};

const container: ContainerSpec = {
  command: ['true'],
  env: {},
  resources: { vcpus: 2, ramBytes: 2 ** 30, cacheRamBytes: 0, scratchBytes: [], cacheDiskBytes: 0 },
  scheduling: { priority: 500, preemptible: false, supervisor: false },
  retry: { attempts: 1, on: [] },
};
