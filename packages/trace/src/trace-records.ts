import type { ContainerResources, ContainerScheduling, ContainerUuid, InstanceId, InstanceType } from '@drover/spec';

/** Version of the format. A reader refuses a newer one; fields that it does not know it passes over. */
export const traceVersion = 1;

/** First line of every file, and of every process that goes on with one: what follows was recorded under this configuration. */
export interface TraceHeader {
  readonly type: 'drover-trace';
  readonly version: number;
  /** Wall clock, as all times here. */
  readonly atMs: number;
  readonly droverVersion: string;
  readonly instanceTypes: readonly InstanceType[];
}

/** What a container asks for; no command, environment, image or name. */
export interface JobAsk {
  readonly submittedAtMs: number;
  readonly resources: ContainerResources;
  readonly scheduling: Omit<ContainerScheduling, 'priority'>;
  readonly priority: number;
  /** Only where the recorder was told to. */
  readonly name?: string;
}

/** A container was seen in the queue for the first time. */
export interface JobSubmitted extends JobAsk {
  readonly type: 'submitted';
  readonly uuid: ContainerUuid;
}

/** A container is final. Says again what it asked for, because older files may be gone. */
export interface JobEnded extends JobAsk {
  readonly type: 'ended';
  readonly uuid: ContainerUuid;
  readonly atMs: number;
  readonly state: 'Complete' | 'Cancelled';
  /** Absent: it never started, or that was before the recording. */
  readonly firstStartedAtMs?: number;
  /** Of the last attempt that had a result. */
  readonly runMs?: number;
  readonly exitCode?: number;
  readonly signal?: string;
  /** Of that attempt; absent: unknown, as for a run in an image. */
  readonly peakRamBytes?: number;
  readonly instanceId?: InstanceId;
  readonly instanceType?: string;
  /** Attempts that started. */
  readonly starts: number;
  /** Attempts that were lost with their VM, and how long those had run. */
  readonly lostRuns: number;
  readonly lostRunMs: number;
}

/** Something about VMs. `asked` and `create-failed` name a create call, the others a VM. */
export type InstanceRecord =
  | {
      readonly type: 'instance';
      readonly event: 'asked';
      readonly atMs: number;
      readonly createId: string;
      readonly instanceType: string;
      readonly offeringId: string;
      readonly count: number;
    }
  | {
      readonly type: 'instance';
      readonly event: 'create-failed';
      readonly atMs: number;
      readonly createId: string;
      readonly instanceType: string;
      readonly code: string;
    }
  | {
      readonly type: 'instance';
      readonly event: 'running';
      readonly atMs: number;
      readonly instanceId: InstanceId;
      readonly instanceType: string;
      readonly offeringId?: string;
      readonly zone?: string;
      readonly pricePerHour: number;
      /** Found, not made: how long it had been there is not known. */
      readonly found?: true;
    }
  | {
      readonly type: 'instance';
      readonly event: 'ready';
      readonly atMs: number;
      readonly instanceId: InstanceId;
      readonly sinceCreateMs: number;
    }
  | { readonly type: 'instance'; readonly event: 'interrupted'; readonly atMs: number; readonly instanceId: InstanceId }
  | { readonly type: 'instance'; readonly event: 'gone'; readonly atMs: number; readonly instanceId: InstanceId };

/**
 * What the cloud did not give. `scope`: `offering` (the type in this zone, as spot or not), `instance-type`, `quota-group` or `all`.
 */
export type ShortageRecord = {
  readonly type: 'shortage';
  readonly atMs: number;
} & (
  | {
      readonly kind: 'capacity';
      readonly scope: string;
      readonly instanceType: string;
      readonly zone: string;
      readonly preemptible: boolean;
    }
  | { readonly kind: 'quota'; readonly instances: number }
);

/** One line of a trace. */
export type TraceRecord = TraceHeader | JobSubmitted | JobEnded | InstanceRecord | ShortageRecord;
