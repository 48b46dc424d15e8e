import type { ContainerUuid, InstanceType, InstanceView, RunResult } from '@drover/spec';
import { createApi, type RunningApi } from '@drover/management-api';
import { MemoryQueue, SeededRandom } from '@drover/testkit';
import { realClock } from '@drover/testkit/real-clock';

export const token = 'a-token';

const smallType: InstanceType = {
  name: 'small',
  providerType: 'vm.small',
  vcpus: 2,
  ramBytes: 4_294_967_296,
  scratchBytes: 10_737_418_240,
  includedScratchBytes: 10_737_418_240,
  addedScratchBytes: 0,
  pricePerHour: 0.25,
  preemptible: false,
};

const instance: InstanceView = {
  instanceId: 'i-1',
  address: '10.0.0.1',
  pricePerHour: 0.25,
  instanceType: 'small',
  providerType: 'vm.small',
  state: 'idle',
  idleBehavior: 'run',
  createdAtMs: Date.UTC(2026, 0, 2),
  containers: [],
  note: 'nothing to do',
  vcpus: 2,
  ramBytes: 4_294_967_296,
};

const nothingSpecial = {
  oom: false,
  timedOut: false,
  killed: false,
  preempted: false,
  unknown: false,
  logs: [],
} as const;

/** What the words of a pretended command do: each may stand anywhere in the command. */
interface Behaviour {
  readonly stdout: string;
  readonly stderr: string;
  readonly hangs: boolean;
  /** It ends before anybody could tell of its start. */
  readonly isAbrupt: boolean;
  readonly result: Partial<RunResult>;
}

function behaviourOf(command: readonly string[]): Behaviour {
  const after = (word: string): string | undefined => {
    const at = command.indexOf(word);
    return at === -1 ? undefined : command[at + 1];
  };
  const signal = after('die');
  return {
    stdout: after('say') ?? '',
    stderr: after('moan') ?? '',
    hangs: command.includes('hang'),
    isAbrupt: command.includes('abruptly'),
    result: signal === undefined ? { exitCode: Number(after('exit') ?? 0) } : { signal },
  };
}

/** A real API over a queue in memory, and somebody who runs what is submitted as its words say. */
export class DispatcherDouble {
  readonly calls: string[] = [];
  readonly #database = new MemoryQueue({ clock: realClock, random: new SeededRandom(7) });
  readonly #connection = this.#database.open();
  #api: RunningApi | undefined;
  #work: Promise<void> = Promise.resolve();

  get url(): string {
    return this.#api?.url ?? '';
  }

  async start(): Promise<void> {
    const note = (known: boolean, ...words: readonly string[]): boolean => {
      this.calls.push(words.join(' '));
      return known;
    };
    this.#api = await createApi({
      version: '1.2.3',
      clock: realClock,
      tokens: [{ value: token, role: 'operator' }],
      store: this.#connection.store,
      onStoreChange: (listener) => this.#database.onWake(listener),
      why: () => undefined,
      explainTypes: ({ resources: { vcpus } }) =>
        vcpus <= smallType.vcpus
          ? { eligibleTypes: ['small'], rejections: [] }
          : {
              eligibleTypes: [],
              rejections: [{ instanceType: 'small', constraint: 'vcpus', message: `needs ${vcpus} vcpus, has 2` }],
            },
      queueView: () => [],
      instances: () => [instance],
      instanceTypes: [smallType],
      operations: {
        setIdleBehavior: (id, behavior, reason) => note(id === 'i-1', behavior, id, reason),
        killInstance: (id, reason) => note(id === 'i-1', 'kill', id, reason),
        killContainer: () => false,
      },
      metrics: { text: async () => ({ contentType: 'text/plain', text: '' }), json: async () => [] },
      health: () => ({ healthy: true, ready: true, messages: [] }),
    }).listen({ port: 0 });
    this.#database.onEvent(({ kind, uuid }) => {
      if (kind === 'submitted') this.#work = this.#work.then(async () => this.#run(uuid));
    });
  }

  async stop(): Promise<void> {
    await this.#work;
    await this.#api?.close();
  }

  state(uuid: ContainerUuid): string {
    return this.#database.record(uuid).state;
  }

  record(uuid: ContainerUuid): ReturnType<MemoryQueue['record']> {
    return this.#database.record(uuid);
  }

  async #run(uuid: ContainerUuid): Promise<void> {
    const { queue } = this.#connection;
    const call = { signal: AbortSignal.timeout(5_000) };
    const { entry, spec } = await queue.lock(uuid, 0, call);
    const { generation } = entry;
    const { stdout, stderr, hangs, isAbrupt, result } = behaviourOf(spec.command);
    const startedAtMs = Date.now();
    const written = [
      { stream: 'stdout', offset: 0, bytes: new TextEncoder().encode(stdout) },
      { stream: 'stderr', offset: 0, bytes: new TextEncoder().encode(stderr) },
    ] as const;
    const logs = written.filter(({ bytes }) => bytes.length > 0);
    if (!isAbrupt) {
      const start = { instanceId: 'i-1', instanceType: 'small', pricePerHour: 0.25, startedAtMs };
      await queue.started(uuid, generation, start, call);
      for (const chunk of logs) await queue.appendLog(uuid, generation, chunk, call);
    }
    if (hangs) return;
    const times = { startedAtMs, finishedAtMs: startedAtMs + 1_500 };
    const ending = { ...nothingSpecial, ...times, ...result };
    await queue.finished(uuid, generation, ending, isAbrupt ? logs : [], call);
  }
}
