import type { Clock } from '@drover/spec';
import type { StartSshHost } from '../ssh-host.ts';
import type { GceCall } from './discovery.ts';

/** An error that an operation ends with. */
export interface OperationError {
  readonly code: string;
  readonly message: string;
  readonly httpStatus?: number;
}

/** How an insert that was accepted fails. */
export interface InsertFailure extends OperationError {
  /** A VM is left that is stopped. */
  readonly leaves?: boolean;
}

/** What goes wrong. All of it may be changed at any time; the default is nothing. */
export interface GceFaults {
  /** Asked before each call; a refusal is thrown. `reset-after`: the call takes effect, and the answer is lost. */
  intercept: (call: GceCall) => 'hang' | 'reset' | 'reset-after' | undefined;
  /** Asked for each insert that is accepted. */
  insertFails: (name: string, zone: string) => InsertFailure | undefined;
  /** VMs that a zone still has room for; a zone that is not named has enough. */
  capacity: Map<string, number>;
  /** Quota of VMs in the region, and whether an insert beyond it is refused at once or by its operation. */
  quota: { metric: string; limit: number; refused: 'at-once' | 'by-operation' } | undefined;
  /** Calls a minute; the quota is filled up at each full minute. */
  callsPerMinute: number;
  /** At most so many items a page, whatever is asked for. */
  pageItems: number;
  /** A warning with which each list is answered. */
  listWarning: string | undefined;
  /** How long a new VM is missing in lists. */
  listLagMs: number;
  /** Operations that begin while it is true do not end before it is false. */
  operationsHang: boolean;
  /** Whether VMs that run have written their host keys to their guest attributes. */
  hostKeysPublished: boolean;
  /** Permissions that the caller has; undefined: all. */
  permissions: ReadonlySet<string> | undefined;
  /** How far the cloud's clock is ahead of ours, as its Date header shows. */
  clockSkewMs: number;
}

/** No faults. */
export function noFaults(): GceFaults {
  return {
    intercept: () => undefined,
    insertFails: () => undefined,
    capacity: new Map(),
    quota: undefined,
    callsPerMinute: Number.POSITIVE_INFINITY,
    pageItems: Number.POSITIVE_INFINITY,
    listWarning: undefined,
    listLagMs: 0,
    operationsHang: false,
    hostKeysPublished: true,
    permissions: undefined,
    clockSkewMs: 0,
  };
}

/** What is there, and how fast it is. */
export interface FakeGceOptions {
  readonly clock: Clock;
  readonly project: string;
  readonly region: string;
  readonly zones: readonly string[];
  /** Paths that an image of a boot disk may have. */
  readonly images: readonly string[];
  /** Names of subnetworks of the region. */
  readonly subnetworks: readonly string[];
  readonly machineTypes: readonly string[];
  /** From an accepted call to its operation's start. */
  readonly pendingMs: number;
  /** From an accepted insert to a VM that runs. */
  readonly insertMs: number;
  /** From an accepted delete to a VM that is gone. */
  readonly stopMs: number;
  /** Starts what answers SSH inside each new VM; undefined: VMs are on no network. */
  readonly startHost: StartSshHost | undefined;
}

/** A small project in one region, about as fast as the real one. */
export const fakeGceDefaults: Omit<FakeGceOptions, 'clock'> = {
  project: 'fake-project',
  region: 'us-central1',
  zones: ['us-central1-a', 'us-central1-b', 'us-central1-c'],
  images: ['projects/fake-project/global/images/worker', 'projects/debian-cloud/global/images/family/debian-12'],
  subnetworks: ['default'],
  machineTypes: ['e2-standard-2', 'n2-standard-4', 'n2-standard-8', 'g2-standard-4'],
  pendingMs: 500,
  insertMs: 6_000,
  stopMs: 30_000,
  startHost: undefined,
};
