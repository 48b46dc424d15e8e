import type { ContainerState, ContainerUuid } from './container.ts';
import type { BootOutcome, IdleBehavior, InstanceId, WorkerState } from './instance.ts';

/** Cloud calls as metrics name them. */
export type CloudOperation = 'Create' | 'List' | 'Destroy' | 'SetTags' | 'Describe' | 'HostKeys';

/** Everything core and shell report. Logs and counters are made from these outside. No secret is ever in one. */
export type DispatchEvent =
  | { readonly type: 'dispatcher-started'; readonly epoch: number; readonly instanceSetId: string }
  | {
      readonly type: 'dispatcher-ready';
      readonly instances: number;
      readonly containers: number;
      readonly tookMs: number;
    }
  | { readonly type: 'dispatcher-stopping'; readonly drain: boolean }
  | { readonly type: 'leadership-lost'; readonly error: Error }
  | {
      readonly type: 'cloud-call';
      readonly operation: CloudOperation;
      readonly durationMs: number;
      readonly error?: Error;
    }
  | { readonly type: 'cloud-hold'; readonly operation: CloudOperation; readonly untilMs: number; readonly error: Error }
  | { readonly type: 'quota-reached'; readonly instances: number; readonly error: Error }
  | {
      readonly type: 'capacity-unavailable';
      readonly scope: string;
      readonly instanceType: string;
      readonly zone: string;
      readonly preemptible: boolean;
      readonly error: Error;
    }
  | {
      readonly type: 'create-requested';
      readonly createId: string;
      readonly instanceType: string;
      readonly offeringId: string;
      readonly count: number;
    }
  | { readonly type: 'create-failed'; readonly createId: string; readonly instanceType: string; readonly error: Error }
  | {
      readonly type: 'instance-appeared';
      readonly instanceId: InstanceId;
      readonly instanceType: string;
      readonly state: WorkerState;
      readonly offeringId?: string;
      readonly zone?: string;
      readonly pricePerHour: number;
    }
  | {
      readonly type: 'instance-state';
      readonly instanceId: InstanceId;
      readonly instanceType: string;
      readonly from: WorkerState;
      readonly to: WorkerState;
      readonly reason: string;
    }
  | {
      readonly type: 'instance-behavior';
      readonly instanceId: InstanceId;
      readonly behavior: IdleBehavior;
      readonly reason: string;
    }
  | {
      readonly type: 'instance-gone';
      readonly instanceId: InstanceId;
      readonly instanceType: string;
      readonly state: WorkerState;
      readonly sinceShutdownMs?: number;
    }
  | {
      readonly type: 'boot-outcome';
      readonly instanceId: InstanceId;
      readonly outcome: BootOutcome;
      readonly reason: string;
    }
  | { readonly type: 'ssh-connected'; readonly instanceId: InstanceId; readonly sinceCreateMs: number }
  | { readonly type: 'instance-ready'; readonly instanceId: InstanceId; readonly sinceCreateMs: number }
  | { readonly type: 'host-key-mismatch'; readonly instanceId: InstanceId; readonly error: Error }
  | {
      readonly type: 'probe';
      readonly instanceId: InstanceId;
      readonly durationMs: number;
      readonly ok: boolean;
      readonly error?: string;
    }
  | { readonly type: 'instance-broken'; readonly instanceId: InstanceId; readonly reason: string }
  | { readonly type: 'instance-preempted'; readonly instanceId: InstanceId; readonly detail: string }
  | { readonly type: 'runner-deployed'; readonly instanceId: InstanceId; readonly durationMs: number }
  | {
      readonly type: 'container-starting';
      readonly uuid: ContainerUuid;
      readonly generation: number;
      readonly instanceId: InstanceId;
    }
  | {
      readonly type: 'container-started';
      readonly uuid: ContainerUuid;
      readonly generation: number;
      readonly instanceId: InstanceId;
      readonly sinceQueuedMs?: number;
    }
  | {
      readonly type: 'container-start-failed';
      readonly uuid: ContainerUuid;
      readonly generation: number;
      readonly instanceId: InstanceId;
      readonly error: Error;
    }
  | {
      readonly type: 'container-exited';
      readonly uuid: ContainerUuid;
      readonly generation: number;
      readonly instanceId: InstanceId;
      readonly reason: string;
    }
  | { readonly type: 'container-killed'; readonly uuid: ContainerUuid; readonly reason: string }
  | { readonly type: 'container-unkillable'; readonly uuid: ContainerUuid; readonly instanceId: InstanceId }
  | {
      readonly type: 'container-adopted';
      readonly uuid: ContainerUuid;
      readonly generation: number;
      readonly instanceId: InstanceId;
    }
  | {
      readonly type: 'container-state';
      readonly uuid: ContainerUuid;
      readonly generation: number;
      readonly state: ContainerState;
      readonly detail?: string;
    }
  | { readonly type: 'queue-error'; readonly operation: string; readonly error: Error }
  | { readonly type: 'pass'; readonly durationMs: number; readonly waiting: number; readonly actions: number };

/** Takes every event. An observer that throws is contained by the caller. */
export type Observe = (event: DispatchEvent) => void;
