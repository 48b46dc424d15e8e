import type { CallOptions, Clock, Random } from './clock.ts';
import type { CloudOperation } from './events.ts';
import type { HostKeys, Instance, InstanceId, Listing, PricePoint, Tags } from './instance.ts';
import type { InstanceType, Offering } from './instance-type.ts';
import type { PreemptionWatch } from './runner-deployment.ts';
import type { CheckResult, DriverMetric, PermissionPolicy, PreflightRequest } from './preflight.ts';

/** The part of the Standard Schema interface (standardschema.dev, v1) that drover calls. zod, valibot and arktype satisfy it. */
export interface StandardSchema<Output> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
  };
}

/** What validation gives. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What a driver gets from its surroundings. */
export interface DriverContext {
  readonly clock: Clock;
  readonly random: Random;
  /** Every VM of this dispatcher carries it in its tags; a driver must never touch another set's VMs. */
  readonly instanceSetId: string;
  readonly tagKeyPrefix: string;
  readonly instanceTypes: readonly InstanceType[];
  /** A folder of this dispatcher that survives restarts; a driver keeps its files in a folder of its own name below it. */
  readonly stateDirectory: string;
}

/** A plug-in for one cloud. */
export interface Driver<Params> {
  readonly specVersion: 1;
  readonly name: string;
  readonly params: StandardSchema<Params>;
  /**
   * JSON Schema (draft-07) of the parameters, for editors and `config check`. Parameters marked `writeOnly` are secrets: the
   * configuration has a reference (`file:PATH` or `env:NAME`), `params` and `open` get what it refers to.
   */
  readonly paramsJsonSchema: Readonly<Record<string, unknown>>;
  /**
   * Whether the cloud publishes host keys or names (`verifiesHostKeys`), for the documentation and `doctor`.
   * Without it the secret file proves identity.
   */
  open(params: Params, context: DriverContext): Promise<InstanceSet>;
  /** Optional: how VMs of this cloud learn that they are about to be taken away; absent: they do not. */
  readonly preemptionWatch?: PreemptionWatch;
  /** Optional: the least privileges that these parameters need. Talks to nobody. */
  permissions?(params: Params, context: Pick<DriverContext, 'instanceSetId' | 'tagKeyPrefix'>): PermissionPolicy;
}

/** A request for `count` equal VMs of one offering. Repeating it with the same `createId` creates nothing new. */
export interface CreateRequest {
  readonly createId: string;
  readonly count: number;
  readonly instanceType: InstanceType;
  readonly offering: Offering;
  readonly imageId: string;
  /** Set in the create call itself; index n of the batch gets `tags[n]` when the secrets differ. */
  readonly tags: readonly Tags[];
  /** Shell command that the VM runs once as root at first boot; it writes the secret file. One per VM. */
  readonly initCommands: readonly string[];
  /** OpenSSH public key for the admin user; empty when the image brings its own. */
  readonly authorizedKey: string;
}

/** One VM of a batch: it exists, or it does not and here is why. */
export type CreateResult =
  | { readonly ok: true; readonly instance: Instance }
  | { readonly ok: false; readonly error: Error };

/** How often a kind of call may be made. */
export interface CallRate {
  /** So many at once, after a rest. */
  readonly burst: number;
  /** So many more each second; 0: no limit. */
  readonly perSecond: number;
}

/**
 * The VMs of one dispatcher in one cloud. Naive: it tries what it is asked once and reports; holding back, falling back
 * and retrying are the pool's. Every method rejects with the classes of errors.ts only; an aborted call at once, as a
 * TransientCloudError with the signal's reason as its cause, because what it asked for may still take effect.
 */
export interface InstanceSet {
  /** Zone or subnet × spot/on-demand, with price; at least one for every configured type. */
  offerings(type: InstanceType): readonly Offering[];
  /** Resolves with exactly `count` results. Rejects when none was created, for one common reason. */
  create(request: CreateRequest, options: CallOptions): Promise<readonly CreateResult[]>;
  /** Every VM whose tags include all of `tags`, in every lifecycle; complete, or it rejects. */
  list(tags: Tags, options: CallOptions): Promise<Listing>;
  /** The proof of death: `gone` only when the cloud says for certain that it does not exist any more. */
  describe(id: InstanceId, options: CallOptions): Promise<Instance | 'gone'>;
  /** Resolves when the cloud has accepted; a VM that is already gone is success. */
  destroy(instance: Instance, options: CallOptions): Promise<void>;
  /** Merges into the VM's tags; never removes another's. */
  setTags(instance: Instance, tags: Tags, options: CallOptions): Promise<void>;
  /** Optional: the host keys that the cloud itself vouches for. Empty while it has not published them. */
  hostKeys?(id: InstanceId, options: CallOptions): Promise<HostKeys>;
  /** Optional: types of one group share a quota. Without it each providerType × preemptible is a group. */
  quotaGroup?(type: InstanceType): string;
  /** Optional: how often each kind of call may be made, as the cloud documents it; faster ones would be refused. Fixed. */
  callRates?(): Readonly<Partial<Record<CloudOperation, CallRate>>>;
  /** Optional: prices over time, oldest first. */
  priceHistory?(instance: Instance, type: InstanceType): readonly PricePoint[];
  /**
   * Optional: looks at everything that can be looked at for free (credentials, permissions, quota, image, network, key) and
   * creates nothing. What a check finds is its result; it rejects only when it is aborted.
   */
  preflight?(request: PreflightRequest, options: CallOptions): Promise<readonly CheckResult[]>;
  /** Optional: series of the driver's own, read at each scrape; the same names and labels each time, from the start at zero. */
  metrics?(): readonly DriverMetric[];
  /** Stops background work of the set itself; VMs stay. */
  close(): Promise<void>;
}
