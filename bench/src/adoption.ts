import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { composeDispatcher } from '@drover/compose';
import { systemClock, systemRandom } from '@drover/dispatcher';
import { openSqliteQueue } from '@drover/queue-sqlite';
import { NotFoundError, type Instance, type InstanceSet, type InstanceType, type RunnerDeployment } from '@drover/spec';
import { createSshExecutorFactory, generateSshKeyPair } from '@drover/ssh-executor';
import { atMost, type Figure } from '@drover/testkit/figure';

const instanceSetId = 'bench';
const type: InstanceType = {
  name: 'one',
  providerType: 'one',
  vcpus: 1,
  ramBytes: 2 ** 30,
  scratchBytes: 0,
  includedScratchBytes: 0,
  addedScratchBytes: 0,
  pricePerHour: 1,
  preemptible: false,
};

/** From the start of a dispatcher that finds this many VMs with pinned keys until it knows what runs on each of them. */
export async function adoption(hosts = 500, withinSeconds = 5): Promise<readonly Figure[]> {
  const world = await startHosts(hosts);
  const { queue, state, close } = await openSqliteQueue({
    path: ':memory:',
    inline: true,
    clock: systemClock,
    random: systemRandom,
  });
  const signal = AbortSignal.timeout(120_000);
  const instances = world.ports.map((port, index) => fixedInstance(`i-${index}`, port));
  // What the former dispatcher left: the proven keys.
  const former = await state.lead({ signal });
  for (const instance of instances) await state.setPin(instance.id, [world.hostKey], { signal });
  await former.release();
  const dispatcher = composeDispatcher(
    {
      clock: systemClock,
      random: systemRandom,
      observe: () => undefined,
      instanceSet: fixedSet(instances),
      executorFactory: createSshExecutorFactory({
        privateKey: generateSshKeyPair().privateKeyPem,
        clock: systemClock,
        random: systemRandom,
      }),
      queue,
      stateStore: state,
      runner: { load: () => Promise.resolve(deployment) },
    },
    { pool: { instanceSetId, instanceTypes: [type], maxInstances: hosts } },
  );
  const started = performance.now();
  await dispatcher.start();
  await dispatcher.whenReady();
  while (dispatcher.pool.snapshot().unknownWorkers > 0) {
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const seconds = (performance.now() - started) / 1000;
  await dispatcher.stop();
  await close();
  world.close();
  return [atMost(withinSeconds, `${hosts} SSH hosts verified and adopted after a restart`, seconds, 's')];
}

const deployment: RunnerDeployment = {
  name: 'runner',
  hash: '0'.repeat(64),
  files: [{ path: 'runner', mode: 0o755, bytes: new Uint8Array(1) }],
  deployDirectory: '/bench',
  startCommand: () => 'ensure',
  listCommand: () => 'list',
  attachCommand: () => 'attach',
  socketPath: () => '/bench/agent.sock',
};

function fixedInstance(id: string, port: number): Instance {
  const tags = {
    ArvadosInstanceSetID: instanceSetId,
    ArvadosInstanceType: type.name,
    ArvadosIdleBehavior: 'run',
    ArvadosInstanceSecret: 'bench',
  };
  return { id, providerType: 'one', lifecycle: 'running', tags, address: `127.0.0.1:${port}` };
}

/** A cloud in which these VMs exist and nothing changes. */
function fixedSet(instances: readonly Instance[]): InstanceSet {
  const refuse = (): Promise<never> => Promise.reject(new NotFoundError('nothing changes in this cloud'));
  return {
    offerings: () => [{ id: 'o', instanceType: type.name, zone: 'z', preemptible: false, pricePerHour: 1 }],
    list: () => Promise.resolve({ instances, launchFailures: [] }),
    describe: (id) => Promise.resolve(instances.find((instance) => instance.id === id) ?? 'gone'),
    create: refuse,
    destroy: refuse,
    setTags: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

async function startHosts(count: number): Promise<{ ports: number[]; hostKey: string; close: () => void }> {
  const program = fileURLToPath(new URL('./ssh-hosts.ts', import.meta.url));
  const child = spawn(process.execPath, [program, String(count)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = await lines.next();
  if (line.done === true) throw new Error('the hosts ended early');
  const value: Record<string, unknown> = Object.fromEntries(Object.entries(Object(JSON.parse(line.value))));
  const ports = Array.isArray(value['ports']) ? value['ports'].map(Number) : [];
  return { ports, hostKey: String(value['hostKey']), close: () => child.stdin.end() };
}
