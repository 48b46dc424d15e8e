import type {
  CallOptions,
  ContainerQueue,
  ContainerRecord,
  ContainerSpec,
  ContainerStore,
  ContainerUuid,
  LogChunk,
  RunResult,
  StartRecord,
  StateStore,
} from '@drover/spec';

/** What one process has of a queue. */
export interface QueuePorts {
  readonly queue: ContainerQueue;
  readonly store: ContainerStore;
  readonly state: StateStore;
  /** As the end of the process: frees the lead. */
  close(): Promise<void> | void;
}

/** A queue of ours under test, empty at first. */
export interface QueueHarness {
  /** Opens it as one more process would; all of them see the same data. */
  open(): Promise<QueuePorts> | QueuePorts;
  /** False where only one process at a time can open it (a database in memory). Default true. */
  readonly shared?: boolean;
  /** Removes everything that it left behind. */
  dispose(): Promise<void> | void;
}

/** Makes a fresh harness for each test. */
export type QueueHarnessMaker = () => Promise<QueueHarness> | QueueHarness;

export const call: CallOptions = { signal: new AbortController().signal };

/** Runs `body` with an open queue that leads, and cleans up whatever happens. */
export async function withQueue(
  make: QueueHarnessMaker,
  body: (ports: QueuePorts, harness: QueueHarness) => Promise<void>,
): Promise<void> {
  const harness = await make();
  try {
    const ports = await harness.open();
    try {
      await ports.state.lead(call);
      await body(ports, harness);
    } finally {
      await ports.close();
    }
  } finally {
    await harness.dispose();
  }
}

/** A container; `scheduling` and `retry` are merged. */
export function containerSpec(
  over: Partial<Omit<ContainerSpec, 'scheduling' | 'retry'>> & {
    readonly scheduling?: Partial<ContainerSpec['scheduling']>;
    readonly retry?: Partial<ContainerSpec['retry']>;
  } = {},
): ContainerSpec {
  return {
    command: ['echo', 'hello'],
    env: {},
    resources: { vcpus: 1, ramBytes: 1_000_000_000, cacheRamBytes: 0, scratchBytes: [], cacheDiskBytes: 0 },
    ...over,
    scheduling: { priority: 500, preemptible: false, supervisor: false, ...over.scheduling },
    retry: { attempts: 1, on: [], ...over.retry },
  };
}

/** A run that ended well, unless `over` says otherwise. */
export function runResult(over: Partial<RunResult> = {}): RunResult {
  const base = { oom: false, timedOut: false, killed: false, preempted: false, unknown: false };
  return { ...base, startedAtMs: 1000, finishedAtMs: 2000, logs: [], exitCode: 0, ...over };
}

export const startRecord: StartRecord = {
  instanceId: 'i-1',
  instanceType: 'small',
  pricePerHour: 0.1,
  startedAtMs: 1000,
};

export function chunk(text: string, offset = 0, stream: LogChunk['stream'] = 'stdout'): LogChunk {
  return { stream, offset, bytes: new TextEncoder().encode(text) };
}

/** Submits one container. */
export async function submitOne(ports: QueuePorts, spec = containerSpec()): Promise<ContainerUuid> {
  const [uuid] = await ports.store.submit([spec], call);
  if (uuid === undefined) throw new Error('submit returned no UUID');
  return uuid;
}

/** Locks and starts the container's next generation; returns that. */
export async function startNext(ports: QueuePorts, uuid: ContainerUuid): Promise<number> {
  const { generation } = await ports.store.get(uuid, call);
  await ports.queue.lock(uuid, generation, call);
  await ports.queue.started(uuid, generation + 1, startRecord, call);
  return generation + 1;
}

/** State and generation, as one text to compare. */
export async function place(ports: QueuePorts, uuid: ContainerUuid): Promise<string> {
  const { state, generation }: ContainerRecord = await ports.store.get(uuid, call);
  return `${state} ${generation}`;
}
