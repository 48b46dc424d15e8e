import type { DecisionNumber } from './behavior-decision.ts';
import type { BootOutcome, ContainerUuid, IdleBehavior, Instance, InstanceType, WorkerState } from '@drover/spec';

/** One attempt that runs, or may run, on a worker. Times are monotonic. */
export interface Run {
  readonly uuid: ContainerUuid;
  readonly generation: number;
  /** `sent`: nobody knows whether the start arrived. `accepted`: the runner has it. `running`: it said that it runs. */
  readonly phase: 'sent' | 'accepted' | 'running';
  /** When the start was sent, or when the run was found. */
  readonly sinceMs: number;
  /** The worker's revision that this run came with; older probes say nothing about it. */
  readonly revision: number;
  readonly gpuDevices: readonly number[];
  /** Its supervisor is gone but something still holds its lock: it may be alive. */
  readonly stale: boolean;
  /** Wall clock; for a container's first attempt, if this process started it. */
  readonly submittedAtWallMs?: number;
  readonly kill?: RunKill;
}

/** How far killing a run has come. */
export interface RunKill {
  readonly requestedAtMs: number;
  readonly nextSignalAtMs: number;
  readonly reason: string;
  /** Nothing helped within `timeoutTerm`; no more signals are sent. */
  readonly givenUp: boolean;
}

/** A run that has ended and whose result is still on the VM. */
export interface Uncollected {
  readonly uuid: ContainerUuid;
  readonly generation: number;
  readonly hash: string;
  /** The result is durable elsewhere; the VM may be told. */
  readonly collected: boolean;
  /** Result and whole logs are in our hands, so the VM is not needed for them. */
  readonly whole: boolean;
}

/** The control channel. */
export type Link =
  | { readonly kind: 'closed' }
  | { readonly kind: 'open'; readonly session: number; readonly congested: boolean };

/** One probe at a time: none, waiting for its turn, or under way. */
export type Probe =
  | { readonly kind: 'none' }
  | { readonly kind: 'queued'; readonly attempt: number }
  | {
      readonly kind: 'running';
      readonly attempt: number;
      readonly startedAtMs: number;
      /** The worker's revision when it began. */
      readonly revision: number;
    };

/** Who the host is. `mismatch` is final: nothing is sent there any more. */
export type Identity = 'unverified' | 'verified' | 'mismatch';

/** How far shutting a VM down has come. */
export interface Shutdown {
  readonly requestedAtMs: number;
  /** Its contents do not hold it up: dead, preempted, unkillable, or an operator said so. */
  readonly forced: boolean;
  /** Number of the last destroy call; 0: none yet. */
  readonly attempt: number;
  readonly calling: boolean;
  /** When the cloud last accepted a destroy. */
  readonly acceptedAtMs?: number;
  /** After a failed call: not before this. */
  readonly retryAtMs?: number;
}

/** Everything the pool knows of one VM. Immutable; `transition` makes the next one. Times are monotonic unless named wall. */
export interface Worker {
  readonly instance: Instance;
  readonly type: InstanceType;
  /** False when the VM's type is not in the configuration (any more). */
  readonly typeConfigured: boolean;
  readonly offeringId: string | undefined;
  readonly pricePerHour: number;
  /** What the VM's secret file must hold; empty: nobody knows. */
  readonly secret: string;

  readonly state: WorkerState;
  readonly idleBehavior: IdleBehavior;
  /** Which decision that is; epoch 0: none was made yet. */
  readonly decision: DecisionNumber;
  /** Of the dispatcher that this worker belongs to. */
  readonly epoch: number;
  /** Why it drains or is not used: one sentence. */
  readonly note: string | undefined;
  readonly outcome: BootOutcome | undefined;

  readonly appearedAtMs: number;
  readonly createdAtWallMs: number;
  readonly readyAtMs: number | undefined;
  readonly lastBusyAtMs: number | undefined;
  readonly lastBusyAtWallMs: number | undefined;
  readonly lastContainerUuid: ContainerUuid | undefined;
  readonly uses: number;

  readonly identity: Identity;
  readonly bootProbeOk: boolean;
  /** What runs on it has been learnt from its runner, and no start of a former dispatcher can add to it. */
  readonly statusSeen: boolean;
  /** Not created by this process: it may run anything until its runner has been heard. */
  readonly found: boolean;
  readonly probe: Probe;
  readonly probeDueAtMs: number;
  readonly probeAttempts: number;
  readonly probeFailures: number;
  /** The last successful probe, else when it appeared. */
  readonly probedAtMs: number;

  readonly link: Link;
  /** When the runner's accept lease has run out for certain, once the link is closed; -Infinity: it never had one. */
  readonly leaseEndsAtMs: number;
  /** Whether the runner has been told to accept nothing more. */
  readonly fence: 'none' | 'asked' | 'done';

  readonly runs: readonly Run[];
  readonly uncollected: readonly Uncollected[];
  /** Grows when a run comes or goes. */
  readonly revision: number;
  readonly broken: boolean;
  readonly staleSinceMs: number | undefined;
  readonly preempted: string | undefined;
  /** Different containers, in a row, that came to nothing here through no fault of theirs. */
  readonly strikes: readonly ContainerUuid[];
  readonly firstStrikeAtMs: number | undefined;

  readonly shutdown: Shutdown | undefined;
  readonly settingTags: boolean;
  /** Proven dead. */
  readonly gone: boolean;
}

/** Whether a container may be started now. */
export function isStartable(worker: Worker): boolean {
  return (
    (worker.state === 'idle' || worker.state === 'running') &&
    worker.idleBehavior === 'run' &&
    worker.link.kind === 'open' &&
    !worker.link.congested &&
    worker.fence === 'none' &&
    worker.identity === 'verified' &&
    !worker.broken &&
    worker.preempted === undefined &&
    !worker.gone
  );
}

/** Whether a result is on the VM that is nowhere else yet. */
export function holdsResult(worker: Worker): boolean {
  return worker.uncollected.some((kept) => !kept.collected);
}
