import type { ContainerResources, ContainerScheduling } from '@drover/spec';

/** What a job asks for: everything that decides where it may run. */
export interface JobShape {
  readonly resources: ContainerResources;
  /** `prefer` where the trace does not say: then the configuration decides whether there is spot at all. */
  readonly preemptible: boolean | 'prefer';
  readonly priority: number;
  readonly supervisor: boolean;
  readonly constraints: Pick<ContainerScheduling, 'instanceTypes' | 'maxPricePerHour'>;
}

/** One job of a trace, whatever file it comes from. */
export interface TraceJob {
  /** Milliseconds; only differences count. */
  readonly submitMs: number;
  /** How long its last attempt ran. */
  readonly runMs: number;
  readonly shape: JobShape;
  /** The most memory that it used; 0: not known. */
  readonly peakRamBytes: number;
  readonly exitCode: number;
}

/** Priority of jobs whose trace has none: the middle, as when nothing is said at submission. */
export const usualPriority = 500;

/** What a file says besides jobs. */
export interface TraceNotes {
  /** Jobs, or lines about them, that were not taken, by why. */
  readonly skipped: ReadonlyMap<string, number>;
  /** What was not in the file and what is supposed instead, by how many jobs. */
  readonly assumed: ReadonlyMap<string, number>;
  /** Remarks about the file as a whole. */
  readonly remarks: readonly string[];
}

/** Counts what `TraceNotes` tells. */
export class NoteTaker implements TraceNotes {
  readonly skipped = new Map<string, number>();
  readonly assumed = new Map<string, number>();
  readonly remarks: string[] = [];

  skip(why: string): void {
    this.skipped.set(why, (this.skipped.get(why) ?? 0) + 1);
  }

  assume(what: string): void {
    this.assumed.set(what, (this.assumed.get(what) ?? 0) + 1);
  }
}
