import type { InstanceType } from '@drover/spec';

/** What the scheduler is told once, at start. */
export interface SchedulerOptions {
  /** The configured types. A worker of a type that is not among them is never given work. */
  readonly instanceTypes: readonly InstanceType[];
  /** VMs at most, 0: no limit. The pool enforces it; here it is only the start of the dynamic container limit. */
  readonly maxInstances: number;
  /** Containers on one VM at the same time, 0: as many as fit. */
  readonly maxContainersPerInstance: number;
  /** First guess of how many containers (or VMs, see `countInstancesForLimit`) may run; 0: maxInstances. */
  readonly initialQuotaEstimate: number;
  /** Share of the dynamic limit that supervisors may take, 0…1; 0: no limit. */
  readonly supervisorFraction: number;
  /** An eligible type costs at most this times the cheapest eligible one; below 1 counts as 1. */
  readonly maximumPriceFactor: number;
  /** RAM set aside on each VM for what is not the container. */
  readonly reserveExtraRamBytes: number;
  /** Keep buffers per vcpu when each container runs a keepstore of its own; 0: none does. */
  readonly localKeepBlobBuffersPerVcpu: number;
  /** The queue fences by generation: a run of a lower generation than the queue's is a former attempt. */
  readonly fenced: boolean;
  /** The dynamic limit counts VMs in use and not containers, so that packing is not throttled at quota. Only if fenced. */
  readonly countInstancesForLimit: boolean;
  /** How long the dynamic limit stays down after the queue said it was overloaded. */
  readonly overloadQuietMs: number;
}

const mebibyte = 1024 * 1024;

/** Everything but the instance types, which have no default. Numbers: the reference's defaults. */
export const defaultSchedulerOptions: Omit<SchedulerOptions, 'instanceTypes'> = {
  maxInstances: 64,
  maxContainersPerInstance: 0,
  initialQuotaEstimate: 0,
  supervisorFraction: 0.5,
  maximumPriceFactor: 1.5,
  reserveExtraRamBytes: 550 * mebibyte,
  localKeepBlobBuffersPerVcpu: 0,
  fenced: true,
  countInstancesForLimit: true,
  overloadQuietMs: 60_000,
};

/** True when the dynamic limit counts VMs in use, false when it counts containers. */
export function limitCountsVms(options: Pick<SchedulerOptions, 'fenced' | 'countInstancesForLimit'>): boolean {
  return options.fenced && options.countInstancesForLimit;
}
