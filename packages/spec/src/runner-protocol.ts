import type { ContainerSpec, ContainerUuid, LogStream, RunResult } from './container.ts';

/**
 * Protocol version 1 between dispatcher and the agent on a VM: one JSON object per line, both ways.
 *
 * Fencing: the agent remembers durably the highest `epoch` and, per epoch, the highest `session` it has seen (a session is
 * one connection attempt of the dispatcher to this VM). `hello` opens a channel; from then on requests of an older epoch or
 * session are refused with `superseded`, so that a start that lingered in a dead connection can never take effect later.
 * `list` and `logs` change nothing: they are answered without `hello` too, so that a log channel beside the control channel
 * takes nothing over. Events go only to channels that have said `hello`.
 */
export const runnerProtocolVersion = 1;

/**
 * First line on a channel, answered with `ok`; then come the events. `afterSequence`: events up to it were received; the agent
 * sends those after it again. Said again on an open channel, it changes the leases.
 */
export interface HelloRequest {
  readonly type: 'hello';
  readonly id: number;
  readonly version: number;
  readonly epoch: number;
  readonly session: number;
  readonly afterSequence: number;
  readonly leases: RunnerLeases;
}

/** Both count from the last line received; on a monotonic clock. */
export interface RunnerLeases {
  /** After this long without a dispatcher nothing new is started. Source: reliability rules, 60 s. */
  readonly acceptMs: number;
  /** After this long without one, with nothing running or uncollected, the VM ends itself. 0: never. Default 1 h. */
  readonly deadManMs: number;
}

/** Limits of a run that the runner enforces. */
export interface RunLimits {
  /** 0: none. */
  readonly maxRunTimeMs: number;
  /** 0: none. */
  readonly memoryBytes: number;
  /** 0: no limit; else CPU share of the VM. */
  readonly vcpus: number;
  /** Per stream; half is kept from the head and half as tail. */
  readonly maxLogBytes: number;
  /** Between SIGTERM and SIGKILL to the workload. */
  readonly killGraceMs: number;
}

export interface StartRequest {
  readonly type: 'start';
  readonly id: number;
  readonly uuid: ContainerUuid;
  readonly generation: number;
  readonly container: Pick<ContainerSpec, 'command' | 'env' | 'cwd' | 'image'>;
  readonly limits: RunLimits;
  /** Indexes of the GPU devices it may use. */
  readonly gpuDevices: readonly number[];
  /** HMAC-SHA256(system token, uuid), hex: authenticates an interactive shell. Empty: none. */
  readonly gatewaySecret: string;
}

/** SIGTERM to the workload, SIGKILL after the grace of its limits. A container that does not run is success. */
export interface KillRequest {
  readonly type: 'kill';
  readonly id: number;
  readonly uuid: ContainerUuid;
  readonly generation: number;
}

/** The result with this hash is durable elsewhere: forget the run. Refused with `hash-mismatch` otherwise. */
export interface AckRequest {
  readonly type: 'ack';
  readonly id: number;
  readonly uuid: ContainerUuid;
  readonly generation: number;
  readonly hash: string;
}

export interface ListRequest {
  readonly type: 'list';
  readonly id: number;
}

/** Bytes of a stored log, for a channel of its own. Answer: LogsReply. */
export interface LogsRequest {
  readonly type: 'logs';
  readonly id: number;
  readonly uuid: ContainerUuid;
  readonly generation: number;
  readonly stream: LogStream;
  readonly offset: number;
  readonly maxBytes: number;
}

/** `on`: accept nothing more (durable). Off again with `on: false`. Answered with `ok`; `list` says what is left. */
export interface DrainRequest {
  readonly type: 'drain';
  readonly id: number;
  readonly on: boolean;
}

/** Renews both leases; nothing else. Answered with `ok`. */
export interface RenewRequest {
  readonly type: 'renew';
  readonly id: number;
}

export type RunnerRequest =
  | HelloRequest
  | StartRequest
  | KillRequest
  | AckRequest
  | ListRequest
  | LogsRequest
  | DrainRequest
  | RenewRequest;

/** Why the agent refused. `already-running` of the same generation is no refusal: it is answered `ok`. */
export type RefusalCode =
  | 'superseded'
  | 'stale-generation'
  /** An older generation of it still lives here or has a result that was not acknowledged. */
  | 'older-generation'
  | 'draining'
  | 'lease-expired'
  | 'broken'
  | 'already-finished'
  | 'hash-mismatch'
  | 'not-found'
  | 'bad-request'
  | 'version';

/** One container on a VM as the runner sees it. */
export interface RunnerContainer {
  readonly uuid: ContainerUuid;
  readonly generation: number;
  /** `stale`: the supervisor is gone but something still holds its lock. `finished` until acked. */
  readonly state: 'starting' | 'running' | 'stale' | 'finished';
  readonly startedAtMs?: number;
  /** The GPU devices it was started with, so that the next dispatcher hands none out twice; absent: none, or not known. */
  readonly gpuDevices?: readonly number[];
  readonly result?: RunResult;
  /** SHA-256 of the stored result file, hex; what `ack` must name. */
  readonly hash?: string;
}

/** Everything on the VM, as of `sequence`. */
export interface RunnerStatus {
  readonly sequence: number;
  readonly bootId: string;
  readonly containers: readonly RunnerContainer[];
  readonly draining: boolean;
  /** Undefined while the VM is fit for work. */
  readonly broken?: string;
  readonly preemptionNotice?: string;
  readonly version: string;
}

export type RunnerReply =
  | { readonly type: 'ok'; readonly id: number }
  | { readonly type: 'refused'; readonly id: number; readonly code: RefusalCode; readonly message: string }
  | { readonly type: 'status'; readonly id: number; readonly status: RunnerStatus }
  | {
      readonly type: 'logs';
      readonly id: number;
      readonly offset: number;
      readonly base64: string;
      /** Nothing comes after these bytes. */
      readonly end: boolean;
    };

/** A short log, sent along so that it needs no request of its own. Whole stream, base64. */
export interface InlineLog {
  readonly stream: LogStream;
  readonly base64: string;
}

/** Logs up to this size travel with `finished`. Measured choice: one SSH packet. */
export const inlineLogBytes = 4096;

/** What the agent reports by itself. `sequence` grows by one with each and survives the agent. */
export type RunnerEvent =
  | {
      readonly type: 'started';
      readonly sequence: number;
      readonly uuid: ContainerUuid;
      readonly generation: number;
      readonly startedAtMs: number;
    }
  | {
      readonly type: 'finished';
      readonly sequence: number;
      readonly uuid: ContainerUuid;
      readonly generation: number;
      readonly result: RunResult;
      readonly hash: string;
      /** All streams that are not empty, when each fits; else empty and they are to be fetched. */
      readonly logs: readonly InlineLog[];
    }
  | { readonly type: 'broken'; readonly sequence: number; readonly reason: string }
  | { readonly type: 'preempted'; readonly sequence: number; readonly detail: string };

export type RunnerMessage = RunnerReply | RunnerEvent;
