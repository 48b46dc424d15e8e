import type {
  Clock,
  ContainerResources,
  ContainerScheduling,
  ContainerSpec,
  ContainerState,
  ContainerStore,
  ContainerUuid,
  IdleBehavior,
  InstanceId,
  InstanceType,
  InstanceView,
  Unsubscribe,
  WhyAnswer,
} from '@drover/spec';
import type { TypeExplanation } from '../schemas/fleet-schemas.ts';
import type { ApiOptions } from './api-options.ts';

/** `viewer` reads, `submitter` also submits and cancels, `operator` also changes instances. */
export type ApiRole = 'viewer' | 'submitter' | 'operator';

/** A bearer token and what it may do. */
export interface ApiToken {
  readonly value: string;
  readonly role: ApiRole;
}

/** One unfinished container as the scheduler sees it, for the reference's container paths. */
export interface QueueViewEntry {
  readonly uuid: ContainerUuid;
  readonly state: ContainerState;
  readonly priority: number;
  readonly submittedAtMs: number;
  readonly image?: string;
  readonly resources: ContainerResources;
  readonly scheduling: ContainerScheduling;
  /** When this dispatcher first saw it. */
  readonly firstSeenAtMs: number;
  /** One sentence. */
  readonly schedulingStatus: string;
  /** Types that could run it, best first. */
  readonly instanceTypes: readonly InstanceType[];
}

/** How the dispatcher is. */
export interface ApiHealth {
  readonly healthy: boolean;
  /** False until the first complete listing and recovery. */
  readonly ready: boolean;
  /** What is wrong or holds things up, one sentence each. */
  readonly messages: readonly string[];
}

/** What operators may do. Each resolves with false when there is no such instance or running container. */
export interface ApiOperations {
  readonly setIdleBehavior: (id: InstanceId, behavior: IdleBehavior, reason: string) => boolean | Promise<boolean>;
  readonly killInstance: (id: InstanceId, reason: string) => boolean | Promise<boolean>;
  readonly killContainer: (uuid: ContainerUuid, reason: string) => boolean | Promise<boolean>;
}

/** Metrics of the process. */
export interface ApiMetrics {
  readonly text: () => Promise<{ readonly contentType: string; readonly text: string }>;
  readonly json: () => Promise<unknown>;
}

/** Everything that the API needs of its surroundings. */
export interface ApiDeps {
  readonly version: string;
  readonly clock: Clock;
  /** None: `/v1` is open to this machine alone, the reference's paths are closed. */
  readonly tokens: readonly ApiToken[];
  /** Undefined where the queue is Arvados's: its users talk to Arvados. */
  readonly store: ContainerStore | undefined;
  /** Calls back when the store may have new events or log bytes; may be spurious, may be missed. */
  readonly onStoreChange: (listener: () => void) => Unsubscribe;
  /** Undefined for a container that the scheduler does not know. */
  readonly why: (uuid: ContainerUuid) => WhyAnswer | undefined;
  readonly explainTypes: (spec: ContainerSpec) => TypeExplanation;
  readonly queueView: () => readonly QueueViewEntry[];
  readonly instances: () => readonly InstanceView[];
  readonly instanceTypes: readonly InstanceType[];
  readonly operations: ApiOperations;
  readonly metrics: ApiMetrics;
  readonly health: () => ApiHealth;
  /** Told of faults of drover itself; the client learns no more than that there was one. */
  readonly onFault?: (error: unknown, request: { readonly method: string; readonly path: string }) => void;
  /** Serves what no path of the API takes (the page). Undefined: not found. */
  readonly fallback?: (request: Request) => Promise<Response | undefined>;
  readonly options?: Partial<ApiOptions>;
}
