import type {
  Admission,
  ExitedRun,
  FinishedRun,
  PoolSnapshot,
  QueueEntry,
  RunResult,
  WorkerContainer,
  WorkerView,
} from '@drover/spec';

/** A container that asks for one vcpu. */
export function makeEntry(over: Partial<QueueEntry> = {}): QueueEntry {
  return {
    uuid: 'c1',
    state: 'Queued',
    priority: 500,
    generation: 0,
    resources: { vcpus: 1, ramBytes: 1, cacheRamBytes: 0, scratchBytes: [], cacheDiskBytes: 0 },
    scheduling: { priority: 500, preemptible: false, supervisor: false },
    submittedAtMs: 0,
    sequence: 1,
    infrastructureFailures: 0,
    ...over,
  };
}

export const openAdmission: Admission = {
  atQuota: false,
  quotaRoom: Number.POSITIVE_INFINITY,
  createRoom: 10,
  typesAtCapacity: new Set(),
  notes: [],
};

/** An empty pool that is ready and knows everything. */
export function makeSnapshot(over: Partial<PoolSnapshot> = {}): PoolSnapshot {
  return {
    revision: 1,
    ready: true,
    unknownWorkers: 0,
    workers: [],
    pendingCreates: [],
    finished: [],
    exited: [],
    admission: openAdmission,
    ...over,
  };
}

export function makeWorker(containers: readonly WorkerContainer[], over: Partial<WorkerView> = {}): WorkerView {
  return {
    instanceId: 'vm1',
    instanceType: 'small',
    state: containers.length > 0 ? 'running' : 'idle',
    idleBehavior: 'run',
    containers,
    uncollected: 0,
    pricePerHour: 0.1,
    ...over,
  };
}

export const goodResult: RunResult = {
  exitCode: 0,
  oom: false,
  timedOut: false,
  killed: false,
  preempted: false,
  unknown: false,
  startedAtMs: 1,
  finishedAtMs: 2,
  logs: [],
};

export function makeFinished(over: Partial<FinishedRun> = {}): FinishedRun {
  const place = { instanceId: 'vm1', instanceType: 'small', pricePerHour: 1 };
  return { uuid: 'c1', generation: 1, ...place, result: goodResult, hash: 'h', logs: [], ...over };
}

export function makeExited(over: Partial<ExitedRun> = {}): ExitedRun {
  return {
    uuid: 'c1',
    generation: 1,
    instanceId: 'vm1',
    atMs: 10,
    reason: 'instance-lost',
    detail: 'it is gone',
    ...over,
  };
}
