import type { InstanceId, InstanceSet, InstanceType, Tags } from '@drover/spec';

/** Something that a driver's fake cloud can be made to do. It stays so until `heal`. */
export type DriverFault =
  /** Every call: RateLimitError. */
  | 'rate-limit'
  /** Every call: AuthError. */
  | 'auth'
  /** Every call: a retryable error. */
  | 'outage'
  /** Create: QuotaError. */
  | 'quota'
  /** Create: CapacityError. */
  | 'capacity'
  /** Create of three: some of them, not all. */
  | 'partial-batch'
  /** Create takes effect, and its answer is lost. */
  | 'create-answer-lost'
  /** Create is accepted, and no VM comes of it. */
  | 'late-launch-failure'
  /** A listing fails after its first part. */
  | 'page-fails'
  /** No call is ever answered. */
  | 'hang';

/** One cloud, fresh for one test, with a driver's instance set in it. */
export interface DriverWorld {
  readonly set: InstanceSet;
  readonly instanceType: InstanceType;
  readonly imageId: string;
  /** OpenSSH public key. */
  readonly authorizedKey: string;
  /** Tags that mark the VMs of this set, as the pool puts them on. */
  readonly setTags: Tags;
  /** An id that the cloud could have given and has not. */
  readonly unknownId: InstanceId;
  /** The same set opened again, as by a restarted dispatcher. */
  reopen(): Promise<InstanceSet>;
  /** Another dispatcher's set in the same account or folder, with the tags of its VMs. */
  openOther(): Promise<{ readonly set: InstanceSet; readonly setTags: Tags }>;
  /** Lets this much time pass in the cloud: real time, or the simulated clock is advanced. */
  pass(ms: number): Promise<void>;
  /** Removes everything, whatever the test has left. */
  dispose(): Promise<void>;
  /** What the fake can be made to do. */
  readonly faults?: Partial<Record<DriverFault, () => void | Promise<void>>>;
  /** Ends every fault. */
  heal?(): void | Promise<void>;
}

/** What a real cloud can give of it. */
export type LiveDriverWorld = Pick<
  DriverWorld,
  'set' | 'instanceType' | 'imageId' | 'authorizedKey' | 'setTags' | 'pass' | 'dispose'
>;

/** How long things take. */
export interface DriverTiming {
  /** From create to running at the most; default 10 s. */
  readonly bootWithinMs?: number;
  /** From destroy to gone at the most; default 10 s. */
  readonly goneWithinMs?: number;
  /** How long to pass between two looks; default 20 ms. */
  readonly lookEveryMs?: number;
}

/** How the conformance suite gets at a driver. */
export interface DriverHarness extends DriverTiming {
  readonly name: string;
  open(): Promise<DriverWorld>;
  /** Faults that `world.faults` has, so that the tests for them are there to be counted. */
  readonly faults?: readonly DriverFault[];
}

/** A harness for the real cloud. */
export interface LiveDriverHarness extends DriverTiming {
  readonly name: string;
  open(): Promise<LiveDriverWorld>;
  /** False unless somebody has asked for it and the credentials are there. */
  readonly enabled: boolean;
  /** Everything that carries the set's mark and is not gone: disks, network interfaces, addresses, keys. */
  leftovers(): Promise<readonly string[]>;
}
