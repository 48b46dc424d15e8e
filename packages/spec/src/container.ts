/** `Queued → Locked → Running → Complete | Cancelled`, `Locked → Queued`, and in queues of ours `Running → Queued`. */
export type ContainerState = 'Queued' | 'Locked' | 'Running' | 'Complete' | 'Cancelled';

/** `ccccc-dz642-xxxxxxxxxxxxxxx`: cluster id, the type for containers, 15 of a-z0-9. */
export type ContainerUuid = string;

/** GPUs a container asks for. */
export interface GpuNeeds {
  readonly stack: string;
  readonly count: number;
  /** Per device. */
  readonly vramBytes: number;
  /** At least this, decimal text; undefined: any. What is no decimal number, an empty text too, fits nothing. */
  readonly driverVersion?: string;
  /** Compute capability or ROCm targets that the software was built for. */
  readonly hardwareTargets: readonly string[];
}

/** What a container asks for, before any reserve is added. */
export interface ContainerResources {
  readonly vcpus: number;
  readonly ramBytes: number;
  /** RAM of the runner's own cache for this container. */
  readonly cacheRamBytes: number;
  /** Sizes of its tmp mounts (scratch). */
  readonly scratchBytes: readonly number[];
  readonly cacheDiskBytes: number;
  readonly gpu?: GpuNeeds;
}

/** What the user says about when and where. */
export interface ContainerScheduling {
  /** 0: not to be run; else higher first, 1…1000. */
  readonly priority: number;
  /** `prefer`: spot first, else on-demand. */
  readonly preemptible: boolean | 'prefer';
  /** A supervisor runs other containers; the scheduler limits how many run at once. */
  readonly supervisor: boolean;
  /** Monotonic, set-up included. */
  readonly maxRunTimeMs?: number;
  /** Names or patterns with `*` of instance types; empty or absent: any. */
  readonly instanceTypes?: readonly string[];
  /** Per hour. */
  readonly maxPricePerHour?: number;
}

/** Which ends of an attempt the user wants tried again. Lost and preempted VMs are tried again on their own. */
export type RetryReason = 'exit-code' | 'timeout' | 'oom';

/** A container as submitted; immutable but for its priority, which lives in the queue. */
export interface ContainerSpec {
  readonly name?: string;
  /** Without one the command runs as a process on the VM. */
  readonly image?: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly resources: ContainerResources;
  readonly scheduling: ContainerScheduling;
  /** `attempts`: how many in all, at least 1. */
  readonly retry: { readonly attempts: number; readonly on: readonly RetryReason[] };
}

/** How one attempt's workload ended, as the runner on the VM recorded it. */
export interface RunResult {
  /** Undefined when a signal ended it or it never started. */
  readonly exitCode?: number;
  /** `SIGKILL`, … */
  readonly signal?: string;
  /** Killed because it used more memory than allowed. */
  readonly oom: boolean;
  /** Killed because it ran longer than allowed. */
  readonly timedOut: boolean;
  /** Killed on request. */
  readonly killed: boolean;
  /** Ended because the VM was being taken away. */
  readonly preempted: boolean;
  /** Set when the workload could not be started: what was wrong (no such command, image, folder). */
  readonly startError?: string;
  /**
   * True when nobody knows how it ended: its supervisor was killed or the VM restarted. Never counts as the
   * container's own failure.
   */
  readonly unknown: boolean;
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
  /**
   * The most resident memory that was seen: of the largest of its processes, or of all of them together where no cgroup limits them and
   * the runner measures. Absent: unknown, as for a run in an image, whose processes are the engine's.
   */
  readonly peakRamBytes?: number;
  readonly logs: readonly LogSummary[];
}

export type LogStream = 'stdout' | 'stderr';

/** What the runner kept of one stream. `sizeBytes` bytes are stored; `droppedBytes` between head and tail are not. */
export interface LogSummary {
  readonly stream: LogStream;
  readonly sizeBytes: number;
  readonly droppedBytes: number;
  /** SHA-256 of the stored bytes, hex; empty when sizeBytes is 0. */
  readonly sha256: string;
}

/** Why an attempt ended without a result of its own. */
export type LossReason = 'instance-lost' | 'preempted' | 'boot-failed' | 'start-failed' | 'runner-lost';
