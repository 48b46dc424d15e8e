import type { Command, EntryFacts } from '@drover/queue-rules';
import type {
  BehaviorDecision,
  ContainerEvent,
  ContainerRecord,
  ContainerState,
  ContainerSummary,
  ContainerUuid,
  CreateIntent,
  ErrorCode,
  HostKeys,
  InstanceId,
  ListFilter,
  LogChunk,
  LogStream,
} from '@drover/spec';

/** One container to be inserted, as text: `json` is the whole spec, `shape` what the scheduler and the rules need. */
export interface NewContainer {
  readonly uuid: ContainerUuid;
  readonly json: string;
  readonly shape: string;
}

/** What the ports ask of the database; plain data, so that it can go to a worker. */
export type Request =
  | {
      readonly kind: 'submit';
      readonly containers: readonly NewContainer[];
      readonly key: { readonly key: string; readonly hash: string } | undefined;
    }
  | {
      readonly kind: 'move';
      readonly uuid: ContainerUuid;
      readonly command: Command;
      readonly logs: readonly LogChunk[];
    }
  | {
      readonly kind: 'append-log';
      readonly uuid: ContainerUuid;
      readonly generation: number;
      readonly chunk: LogChunk;
    }
  | { readonly kind: 'fetch'; readonly uuid: ContainerUuid }
  | { readonly kind: 'poll'; readonly since: number | undefined }
  | { readonly kind: 'get'; readonly uuid: ContainerUuid }
  | { readonly kind: 'list'; readonly filter: ListFilter }
  | { readonly kind: 'counts' }
  | {
      readonly kind: 'events';
      readonly after: number;
      readonly uuid: ContainerUuid | undefined;
      readonly limit: number;
    }
  | { readonly kind: 'last-event' }
  | {
      readonly kind: 'read-log';
      readonly uuid: ContainerUuid;
      readonly stream: LogStream;
      readonly generation: number | undefined;
      readonly offset: number;
      readonly maxBytes: number;
    }
  | { readonly kind: 'lead' }
  | { readonly kind: 'release'; readonly epoch: number }
  | { readonly kind: 'pins' }
  | { readonly kind: 'set-pin'; readonly id: InstanceId; readonly keys: HostKeys }
  | { readonly kind: 'remove-pin'; readonly id: InstanceId }
  | { readonly kind: 'behaviors' }
  | { readonly kind: 'set-behavior'; readonly id: InstanceId; readonly decision: BehaviorDecision }
  | { readonly kind: 'intents' }
  | { readonly kind: 'record-intent'; readonly intent: CreateIntent }
  | { readonly kind: 'remove-intent'; readonly createId: string };

/** A request of one kind. */
export type RequestOf<K extends Request['kind']> = Extract<Request, { readonly kind: K }>;

/** A queue entry on its way; its shape travels beside it, once for all entries that share it. */
export interface WireEntry extends EntryFacts {
  readonly sequence: number;
  readonly submittedAtMs: number;
  /** Sequence of its last event: equal revision, equal entry. */
  readonly revision: number;
  readonly shapeId: number;
}

/** Shapes by id, as JSON. */
export type WireShapes = readonly (readonly [id: number, json: string])[];

/** An error on its way; a clone of an Error would lose its class and code. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
  readonly fix: string | undefined;
  readonly retryAfterMs: number | undefined;
}

export type Reply =
  | { readonly kind: 'done' }
  | { readonly kind: 'error'; readonly error: WireError }
  | { readonly kind: 'uuids'; readonly uuids: readonly ContainerUuid[] }
  /** One of the drawn UUIDs exists: nothing was inserted, draw again. */
  | { readonly kind: 'uuid-taken' }
  | {
      readonly kind: 'entries';
      readonly entries: readonly WireEntry[];
      readonly shapes: WireShapes;
      readonly cursor: number;
      readonly complete: boolean;
    }
  | { readonly kind: 'locked'; readonly entry: WireEntry; readonly shapes: WireShapes; readonly spec: string }
  | { readonly kind: 'record'; readonly record: ContainerRecord }
  | { readonly kind: 'summaries'; readonly summaries: readonly ContainerSummary[] }
  | { readonly kind: 'counts'; readonly counts: Readonly<Record<ContainerState, number>> }
  | { readonly kind: 'events'; readonly events: readonly ContainerEvent[] }
  | { readonly kind: 'number'; readonly number: number }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'pins'; readonly pins: readonly (readonly [InstanceId, HostKeys])[] }
  | { readonly kind: 'behaviors'; readonly behaviors: readonly (readonly [InstanceId, BehaviorDecision])[] }
  | { readonly kind: 'intents'; readonly intents: readonly CreateIntent[] };

/** A request with its number and the wall clock of the moment it was made. */
export interface Envelope {
  readonly id: number;
  readonly atMs: number;
  readonly request: Request;
}

/** What one batch came to. */
export interface BatchOutcome {
  readonly replies: readonly { readonly id: number; readonly reply: Reply }[];
  /** Who changed some container: the scheduler, which knows by the answers, or a user (then perhaps the scheduler too). */
  readonly changedBy: 'nobody' | 'scheduler' | 'user';
  /** The lead of this epoch was found to be lost. */
  readonly lostEpoch: number | undefined;
}

/** Requests that change something, and therefore need a write transaction. */
export function isWrite(request: Request): boolean {
  switch (request.kind) {
    case 'fetch':
    case 'poll':
    case 'get':
    case 'list':
    case 'counts':
    case 'events':
    case 'last-event':
    case 'read-log':
    case 'pins':
    case 'behaviors':
    case 'intents':
      return false;
    default:
      return true;
  }
}

/** Bytes that a request carries, as far as they may be many. */
export function weightOf(request: Request): number {
  switch (request.kind) {
    case 'submit':
      return request.containers.reduce((sum, { json, shape }) => sum + json.length + shape.length, 0);
    case 'move':
      return request.logs.reduce((sum, { bytes }) => sum + bytes.length, 0);
    case 'append-log':
      return request.chunk.bytes.length;
    default:
      return 0;
  }
}

/** Requests that only the leader may make. Users' requests need no lead. */
export function needsLead(request: Request): boolean {
  switch (request.kind) {
    case 'move':
      return request.command.kind !== 'priority';
    case 'append-log':
    case 'set-pin':
    case 'remove-pin':
    case 'set-behavior':
    case 'record-intent':
    case 'remove-intent':
      return true;
    default:
      return false;
  }
}
