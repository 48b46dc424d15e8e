import type { ContainerUuid, InstanceId, PoolSnapshot, WhyCode } from '@drover/spec';
import type { PlanIndex } from './plan-index.ts';
import type { QueueView } from './queue-view.ts';
import type { SchedulerOptions } from './scheduler-options.ts';

/** Everything one pass decides by. `plan` reads nothing else. */
export interface PlanInput {
  readonly pool: PoolSnapshot;
  readonly queue: QueueView;
  readonly options: SchedulerOptions;
  /** Monotonic. */
  readonly nowMs: number;
  /** Monotonic time when the queue last said that it is overloaded; undefined: never. */
  readonly overloadedAtMs?: number | undefined;
  /** Containers with an operation in flight: they keep their place and their resources, but get no action. */
  readonly busy: ReadonlySet<ContainerUuid>;
  /** Containers held by a former dispatcher whose fate is not proven yet: neither placed nor unlocked. */
  readonly recovering?: ReadonlySet<ContainerUuid> | undefined;
  /** Containers of which an earlier attempt is known to be alive though no worker of the snapshot shows it. */
  readonly formerAlive?: ReadonlySet<ContainerUuid> | undefined;
}

/** What the shell is to do. At most one action per container and pass. */
export type PlanAction =
  | { readonly kind: 'lock'; readonly uuid: ContainerUuid; readonly generation: number }
  | {
      readonly kind: 'unlock';
      readonly uuid: ContainerUuid;
      readonly generation: number;
      readonly reason: 'over-quota' | 'supervisor-limit';
    }
  | {
      readonly kind: 'start';
      readonly uuid: ContainerUuid;
      readonly generation: number;
      readonly instanceId: InstanceId;
    }
  | { readonly kind: 'create'; readonly instanceType: string }
  | { readonly kind: 'kill'; readonly uuid: ContainerUuid; readonly reason: string }
  | { readonly kind: 'shutdown'; readonly instanceId: InstanceId }
  /** No configured type can ever serve it: to be cancelled with this message. */
  | { readonly kind: 'reject'; readonly uuid: ContainerUuid; readonly generation: number; readonly message: string };

/** What must survive from pass to pass, and a restart may lose. */
export interface PlanLimits {
  /** Containers (or VMs) that may run; 0: no limit. */
  readonly dynamicLimit: number;
  /** Instances known to be within the cloud's quota; 0: none known. */
  readonly instancesWithinQuota: number;
  /** Monotonic; undefined: the queue was never overloaded. */
  readonly lastOverloadMs: number | undefined;
}

/** The pass's memory. `index` is a cache of what was read: a fresh one changes no decision, only the time it takes. */
export interface PlanMemory {
  readonly limits: PlanLimits;
  readonly index: PlanIndex;
}

/** Why each container waits, as codes. Belongs to the last pass of its memory: the next pass renews it in place. */
export interface PlanReasons {
  /** Undefined: not in the queue, or already final. */
  codeOf(uuid: ContainerUuid): WhyCode | undefined;
  /** How many waiting containers have each code, for metrics; linear in the queue. */
  counts(): ReadonlyMap<WhyCode, number>;
}

/** What `plan` answers. Actions are in the order in which they are to be done. */
export interface PlanResult {
  readonly actions: readonly PlanAction[];
  readonly memory: PlanMemory;
  readonly reasons: PlanReasons;
  /** Containers that were passed over for quota or for the supervisor limit, for metrics. */
  readonly overQuota: number;
  /** The supervisor limit of this pass; 0: none. */
  readonly maxSupervisors: number;
}
