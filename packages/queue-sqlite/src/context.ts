import type { QueueLimits } from '@drover/queue-rules';
import type { LogTable } from './log-table.ts';
import type { ShapeTable } from './shape-table.ts';
import type { Tables } from './tables.ts';

/** What a request's handler works with, within one transaction. */
export interface Context {
  readonly tables: Tables;
  readonly shapes: ShapeTable;
  readonly logs: LogTable;
  readonly limits: QueueLimits;
  /** Wall clock of the moment the request was made. */
  readonly atMs: number;
}
