import type { ContainerUuid, QueueEntry, WhyCode } from '@drover/spec';
import type { Demand } from './demand.ts';
import type { Run } from './run-table.ts';

/** Order groups: what runs comes first (so that its supervisors are counted), then what is locked. */
const groups = { runsLocked: 0, runs: 1, locked: 2, waits: 3 } as const;

/** A container of the queue with what the passes know of it. */
export class QueueRecord {
  readonly uuid: ContainerUuid;
  entry: QueueEntry;
  demand: Demand;
  /** It runs, starts, or has ended and is not settled: nothing to be decided here. */
  settled = false;
  /** A run of an earlier generation is alive. */
  formerAlive = false;
  /** What a pass reads of `entry` for each container, kept here because that spares it most of the time it takes. */
  supervisor = false;
  waitsAs: 'Queued' | 'Locked' | undefined;
  /** Place in the order; what `entry` said when it was last put there. */
  group = -1;
  priority = 0;
  sequence = 0;
  code: WhyCode | undefined;
  /** Monotonic time since when `code` holds. */
  sinceMs = 0;

  constructor(entry: QueueEntry, demand: Demand) {
    this.uuid = entry.uuid;
    this.entry = entry;
    this.demand = demand;
  }

  setCode(code: WhyCode | undefined, nowMs: number): void {
    if (this.code === code) return;
    this.code = code;
    this.sinceMs = nowMs;
  }

  /** Looks at its runs anew; returns the code of one that runs. A run older than the queue's generation is a former attempt. */
  judge(runs: readonly Run[], fenced: boolean): WhyCode | undefined {
    const { generation } = this.entry;
    const present = runs.filter((run) => !fenced || run.generation >= generation);
    this.settled = present.length > 0;
    this.formerAlive = runs.some((run) => fenced && run.generation < generation && run.phase !== 'ended');
    if (!this.settled) return undefined;
    if (present.every((run) => run.phase === 'ended')) return 'finished';
    return present.every((run) => run.phase === 'ended' || run.phase === 'starting') ? 'starting' : 'running';
  }

  /** Notes what `entry` says and its place in the order; false when that is the one it has. */
  place(): boolean {
    const { state } = this.entry;
    const locked = state === 'Locked';
    this.supervisor = this.entry.scheduling.supervisor;
    this.waitsAs = locked || state === 'Queued' ? state : undefined;
    const group = this.settled ? (locked ? groups.runsLocked : groups.runs) : locked ? groups.locked : groups.waits;
    const { priority, sequence } = this.entry;
    if (group === this.group && priority === this.priority && sequence === this.sequence) return false;
    this.group = group;
    this.priority = priority;
    this.sequence = sequence;
    return true;
  }
}

/** The order of consideration: running, then locked, then by priority, then as submitted. */
export function compareRecords(a: QueueRecord, b: QueueRecord): number {
  return (
    a.group - b.group ||
    b.priority - a.priority ||
    a.sequence - b.sequence ||
    (a.uuid < b.uuid ? -1 : a.uuid > b.uuid ? 1 : 0)
  );
}
