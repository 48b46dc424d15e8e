import type { Series } from './time-series.ts';

/** VMs of one instance type. */
export interface TypeUse {
  readonly instanceType: string;
  readonly preemptible: boolean;
  readonly vms: number;
  readonly vmHours: number;
  readonly cost: number;
}

/** What is followed over time. */
export type SeriesName = 'instances' | 'running' | 'waiting';

/** What one configuration made of a trace. Times in milliseconds of the replay, costs in the currency of its prices. */
export interface ReplayReport {
  readonly configuration: string;
  readonly jobs: {
    readonly submitted: number;
    readonly completed: number;
    /** Of the completed: exit code other than 0, as in the trace. */
    readonly failed: number;
    /** No instance type could ever run them. */
    readonly unsatisfiable: number;
    /** Given up after too many interruptions. */
    readonly givenUp: number;
    /** Not ended when the replay was stopped because nothing moved any more. */
    readonly unfinished: number;
  };
  /** From submission to the first start, of those that started. */
  readonly waits: { readonly meanMs: number; readonly p50Ms: number; readonly p95Ms: number; readonly maxMs: number };
  /** From the first submission to the last end. */
  readonly makespanMs: number;
  readonly cost: { readonly total: number; readonly onDemand: number; readonly spot: number };
  /** `boot`: until it could be used; `busy`: something ran; `idle`: the rest, its end included. */
  readonly hours: { readonly total: number; readonly boot: number; readonly busy: number; readonly idle: number };
  /** Shares of what was paid for that jobs had asked for, 0…1. */
  readonly utilisation: { readonly vcpus: number; readonly ram: number };
  readonly interruptions: {
    readonly vms: number;
    /** Runs that were lost and ran again. */
    readonly runs: number;
    readonly lostRunHours: number;
  };
  readonly peakInstances: number;
  readonly types: readonly TypeUse[];
  readonly series: Series<SeriesName>;
  /** How long the replay took, in real seconds; undefined where nobody measured. */
  readonly tookSeconds?: number;
}
