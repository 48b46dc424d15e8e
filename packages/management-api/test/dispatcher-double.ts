import type {
  Clock,
  ContainerUuid,
  IdleBehavior,
  InstanceType,
  InstanceView,
  RunResult,
  WhyAnswer,
} from '@drover/spec';
import { MemoryQueue, SeededRandom } from '@drover/testkit';
import { type ApiDeps, type ApiHealth, type ApiToken, type QueueViewEntry } from '../src/index.ts';
import { realClock } from '@drover/testkit/real-clock';

export const token = 'token-of-an-operator';

export const smallType: InstanceType = {
  name: 'small',
  providerType: 'vm.small',
  vcpus: 2,
  ramBytes: 4_294_967_296,
  scratchBytes: 1_000,
  includedScratchBytes: 600,
  addedScratchBytes: 400,
  pricePerHour: 0.25,
  preemptible: false,
};

const busyInstance: InstanceView = {
  instanceId: 'i-1',
  address: '10.0.0.1',
  pricePerHour: 0.25,
  instanceType: 'small',
  providerType: 'vm.small',
  state: 'running',
  idleBehavior: 'run',
  lastContainerUuid: 'drovr-dz642-000000000000001',
  lastBusyAtMs: Date.UTC(2026, 0, 2, 3, 4, 5),
  createdAtMs: Date.UTC(2026, 0, 2),
  containers: ['drovr-dz642-000000000000001'],
  vcpus: 2,
  ramBytes: 4_294_967_296,
};

const bootingInstance: InstanceView = {
  instanceId: '',
  address: '',
  pricePerHour: 0.25,
  instanceType: 'small',
  providerType: 'vm.small',
  state: 'booting',
  idleBehavior: 'run',
  createdAtMs: Date.UTC(2026, 0, 2),
  containers: [],
  vcpus: 2,
  ramBytes: 4_294_967_296,
};

const result: RunResult = {
  exitCode: 0,
  oom: false,
  timedOut: false,
  killed: false,
  preempted: false,
  unknown: false,
  startedAtMs: 1_000,
  finishedAtMs: 2_000,
  logs: [],
};

/** What an API serves, without a dispatcher behind it: a real queue in memory, and operations that are written down. */
export class DispatcherDouble {
  readonly database: MemoryQueue;
  readonly connection: ReturnType<MemoryQueue['open']>;
  readonly calls: string[] = [];
  readonly faults: unknown[] = [];
  readonly whys = new Map<ContainerUuid, WhyAnswer>();
  instances: readonly InstanceView[] = [busyInstance, bootingInstance];
  queueView: readonly QueueViewEntry[] = [];
  health: ApiHealth = { healthy: true, ready: true, messages: [] };

  constructor(clock: Clock = realClock) {
    this.database = new MemoryQueue({ clock, random: new SeededRandom(7) });
    this.connection = this.database.open();
  }

  /** Everything that `createApi` wants. */
  deps(overrides: Partial<ApiDeps> = {}): ApiDeps {
    const known = (id: string): boolean => id === busyInstance.instanceId || id.includes('/');
    const tokens: readonly ApiToken[] = [{ value: token, role: 'operator' }];
    return {
      version: '1.2.3',
      clock: realClock,
      tokens,
      store: this.connection.store,
      onStoreChange: (listener) => this.database.onWake(listener),
      why: (uuid) => this.whys.get(uuid),
      explainTypes: (spec) => ({
        eligibleTypes: spec.resources.vcpus <= smallType.vcpus ? ['small'] : [],
        rejections:
          spec.resources.vcpus <= smallType.vcpus
            ? []
            : [{ instanceType: 'small', constraint: 'vcpus', message: `needs ${spec.resources.vcpus} vcpus, has 2` }],
      }),
      queueView: () => this.queueView,
      instances: () => this.instances,
      instanceTypes: [smallType],
      operations: {
        setIdleBehavior: (id: string, behavior: IdleBehavior, reason: string) =>
          this.#note(known(id), behavior, id, reason),
        killInstance: (id: string, reason: string) => this.#note(known(id), 'kill', id, reason),
        killContainer: (uuid: string, reason: string) =>
          this.#note(busyInstance.containers.includes(uuid), 'kill-container', uuid, reason),
      },
      metrics: {
        text: async () => ({ contentType: 'text/plain; version=0.0.4', text: 'drover_up 1\n' }),
        json: async () => [{ name: 'drover_up', type: 'GAUGE', metrics: [] }],
      },
      health: () => this.health,
      onFault: (error) => this.faults.push(error),
      ...overrides,
    };
  }

  /** Locks and starts a queued container; returns its generation. */
  async start(uuid: ContainerUuid): Promise<number> {
    const { queue } = this.connection;
    const generation = this.database.record(uuid).generation;
    const { entry } = await queue.lock(uuid, generation, this.#call());
    const record = { instanceId: 'i-1', instanceType: 'small', pricePerHour: 0.25, startedAtMs: 1_000 };
    await queue.started(uuid, entry.generation, record, this.#call());
    return entry.generation;
  }

  /** Appends to the stdout of a running container. */
  async write(uuid: ContainerUuid, generation: number, offset: number, text: string): Promise<void> {
    const bytes = new TextEncoder().encode(text);
    await this.connection.queue.appendLog(uuid, generation, { stream: 'stdout', offset, bytes }, this.#call());
  }

  async finish(uuid: ContainerUuid, generation: number, ending: Partial<RunResult> = {}): Promise<void> {
    await this.connection.queue.finished(uuid, generation, { ...result, ...ending }, [], this.#call());
  }

  #note(isKnown: boolean, ...words: readonly string[]): boolean {
    this.calls.push(words.join(' '));
    return isKnown;
  }

  #call(): { readonly signal: AbortSignal } {
    return { signal: AbortSignal.timeout(5_000) };
  }
}
