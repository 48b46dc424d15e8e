import type {
  BehaviorDecision,
  DispatchEvent,
  ExitedRun,
  FinishedRun,
  IdleBehavior,
  Instance,
  LockedContainer,
  PoolOutcome,
  RefusalCode,
  RunnerEvent,
  RunnerStatus,
  Tags,
  ContainerUuid,
} from '@drover/spec';
import type { Worker } from './worker.ts';

/** How the runner answered a request. */
export type RunnerAnswer =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: RefusalCode; readonly message: string };

/** What a probe found. `bootProbeOk`: now or earlier. */
export type ProbeResult =
  | { readonly ok: true; readonly bootProbeOk: boolean; readonly status: RunnerStatus }
  | { readonly ok: false; readonly bootProbeOk: boolean; readonly error: Error };

/** Everything that can happen to one worker. `jitter` is drawn from [0, 1). */
export type WorkerEvent =
  | { readonly type: 'tick' }
  /** Seen in a listing, or by asking for it. `tags`: whether its tags are to be put right. */
  | { readonly type: 'seen'; readonly instance: Instance; readonly tags: boolean }
  | { readonly type: 'gone'; readonly evidence: string }
  | { readonly type: 'probe-turn'; readonly attempt: number }
  | { readonly type: 'probe-ended'; readonly attempt: number; readonly result: ProbeResult; readonly jitter: number }
  | { readonly type: 'verified' }
  | { readonly type: 'identity-mismatch'; readonly error: Error }
  | { readonly type: 'attached'; readonly session: number }
  | { readonly type: 'detached'; readonly session: number; readonly error: Error | undefined; readonly jitter: number }
  | { readonly type: 'congestion'; readonly session: number; readonly congested: boolean }
  | { readonly type: 'runner-event'; readonly session: number; readonly event: RunnerEvent }
  | { readonly type: 'start'; readonly container: LockedContainer }
  | {
      readonly type: 'start-answered';
      readonly uuid: ContainerUuid;
      readonly generation: number;
      readonly answer: RunnerAnswer;
    }
  | { readonly type: 'kill'; readonly uuid: ContainerUuid; readonly reason: string }
  | { readonly type: 'collected'; readonly uuid: ContainerUuid; readonly generation: number }
  | {
      readonly type: 'ack-answered';
      readonly uuid: ContainerUuid;
      readonly generation: number;
      readonly answer: RunnerAnswer;
    }
  | { readonly type: 'drain-answered'; readonly on: boolean; readonly answer: RunnerStatus | RunnerAnswer }
  | { readonly type: 'set-behavior'; readonly behavior: IdleBehavior; readonly reason: string }
  | { readonly type: 'shut-down'; readonly reason: string }
  | { readonly type: 'kill-instance'; readonly reason: string }
  | { readonly type: 'black-hole'; readonly reason: string }
  | { readonly type: 'destroy-answered'; readonly attempt: number; readonly error: Error | undefined }
  /** `tags`: what is set now; undefined when the call failed. */
  | { readonly type: 'tags-answered'; readonly tags: Tags | undefined };

/** What the shell is to do. */
export type WorkerEffect =
  | { readonly kind: 'queue-probe'; readonly attempt: number }
  | {
      readonly kind: 'run-probe';
      readonly attempt: number;
      readonly via: 'channel' | 'connect';
      readonly bootProbe: 'needed' | 'passed';
      /** Deploy and ask the runner even if the boot probe fails. */
      readonly evenIfBootProbeFails: boolean;
    }
  | {
      readonly kind: 'send-start';
      readonly container: LockedContainer;
      readonly gpuDevices: readonly number[];
    }
  | { readonly kind: 'send-kill'; readonly uuid: ContainerUuid; readonly generation: number }
  | { readonly kind: 'send-ack'; readonly uuid: ContainerUuid; readonly generation: number; readonly hash: string }
  | { readonly kind: 'send-drain'; readonly on: boolean }
  | { readonly kind: 'send-leases'; readonly deadManMs: number }
  /** Drop everything that is open to the VM. */
  | { readonly kind: 'disconnect' }
  | { readonly kind: 'destroy'; readonly attempt: number }
  | { readonly kind: 'set-tags'; readonly tags: Tags }
  /** The tag may be lost or late: the store keeps it too. */
  | { readonly kind: 'record-behavior'; readonly decision: BehaviorDecision }
  | { readonly kind: 'finished'; readonly run: FinishedRun }
  | { readonly kind: 'exited'; readonly run: ExitedRun }
  /** The run ended in a way that speaks for its VM. */
  | { readonly kind: 'good-run' }
  /** Enough strikes to ask whether others do better. */
  | { readonly kind: 'suspect'; readonly sinceMs: number; readonly detail: string };

/** What came of an event. */
export interface Transition {
  readonly worker: Worker;
  readonly effects: readonly WorkerEffect[];
  readonly events: readonly DispatchEvent[];
  /** For events that ask for something. */
  readonly outcome: PoolOutcome;
}
