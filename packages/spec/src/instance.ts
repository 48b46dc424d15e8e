declare const instanceIdBrand: unique symbol;
/** The cloud's id of a VM. */
export type InstanceId = string & { readonly [instanceIdBrand]?: never };

/** Tags as the cloud keeps them, keys with drover's prefix already in place. */
export type Tags = Readonly<Record<string, string>>;

/** Where the cloud says a VM is in its life. Only `terminated` proves that nothing runs on it any more. */
export type InstanceLifecycle = 'pending' | 'running' | 'stopping' | 'terminated';

/** A VM as the cloud reports it: immutable data, replaced by the next listing. */
export interface Instance {
  readonly id: InstanceId;
  readonly providerType: string;
  readonly lifecycle: InstanceLifecycle;
  readonly tags: Tags;
  /** Host or host:port to reach it by SSH; empty while the cloud has given none. */
  readonly address: string;
  readonly zone?: string;
  /** What it costs per hour, where the driver knows better than the configured price. */
  readonly pricePerHour?: number;
}

/** A launch that the cloud accepted and that failed later. */
export interface LaunchFailure {
  readonly createId: string;
  readonly offeringId: string;
  readonly instanceId?: InstanceId;
  /** The error in spec's classes, as `create` would have thrown it. */
  readonly error: Error;
}

/** A complete listing. */
export interface Listing {
  readonly instances: readonly Instance[];
  readonly launchFailures: readonly LaunchFailure[];
}

/** Public host keys, each `<type> <base64>` as in an OpenSSH `.pub` file without a comment. */
export type HostKeys = readonly string[];

/** One step of an instance's price. */
export interface PricePoint {
  readonly fromMs: number;
  readonly pricePerHour: number;
}

/** How the pool labels a VM's life on its own side. */
export type WorkerState = 'unknown' | 'booting' | 'idle' | 'running' | 'shutdown';

/** `hold`: never shut down, never given more work. `drain`: no more work, shut down when empty. */
export type IdleBehavior = 'run' | 'hold' | 'drain';

/** How booting ended; recorded once per VM. */
export type BootOutcome = 'success' | 'failure' | 'aborted' | 'disappeared';
