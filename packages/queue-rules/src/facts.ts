import type { Attempt, ContainerEvent, ContainerSpec, ContainerState, ContainerUuid, InstanceId } from '@drover/spec';

/** All that the rules look at, and all that a move changes in a container. */
export interface ContainerFacts {
  readonly uuid: ContainerUuid;
  readonly state: ContainerState;
  readonly priority: number;
  readonly generation: number;
  readonly preemptible: boolean | 'prefer';
  readonly retry: ContainerSpec['retry'];
  /** Attempts that ended by the container's own doing and were tried again. */
  readonly userFailures: number;
  /** Attempts known to have started. */
  readonly startedAttempts: number;
  /** Attempts in a row that infrastructure ended. */
  readonly infrastructureFailures: number;
  /** Attempts that ended because a spot VM was taken away, in all. */
  readonly interruptions: number;
  readonly onDemandOnly: boolean;
  /** VM of this generation's start. */
  readonly instanceId: InstanceId | undefined;
  /** Why priority 0 was asked for, then why it was cancelled. */
  readonly cancelReason: string | undefined;
  /** When it became Complete or Cancelled, wall clock of the queue. */
  readonly finishedAtMs: number | undefined;
}

/** What a queue answers to a command. */
export type Verdict =
  | {
      readonly kind: 'change';
      readonly facts: ContainerFacts;
      /** The attempt as it is from now on; undefined: no attempt changes. */
      readonly attempt: Attempt | undefined;
      readonly event: { readonly kind: ContainerEvent['kind']; readonly detail: string | undefined };
    }
  /** It landed before: success, and nothing to write. */
  | { readonly kind: 'repeat' }
  /** Refused; the container is unchanged. */
  | { readonly kind: 'refused'; readonly error: Error };

/** A container as it is right after submission. */
export function newFacts(uuid: ContainerUuid, spec: ContainerSpec): ContainerFacts {
  return {
    uuid,
    state: 'Queued',
    priority: spec.scheduling.priority,
    generation: 0,
    preemptible: spec.scheduling.preemptible,
    retry: spec.retry,
    userFailures: 0,
    startedAttempts: 0,
    infrastructureFailures: 0,
    interruptions: 0,
    onDemandOnly: false,
    instanceId: undefined,
    cancelReason: undefined,
    finishedAtMs: undefined,
  };
}

/** Complete and Cancelled are for ever. */
export function isFinal(state: ContainerState): boolean {
  return state === 'Complete' || state === 'Cancelled';
}

/** Locked or Running: somebody may be running this generation. */
export function isHeld(state: ContainerState): boolean {
  return state === 'Locked' || state === 'Running';
}
