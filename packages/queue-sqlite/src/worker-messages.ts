import type { BatchOutcome, Envelope, WireError } from './protocol.ts';

/** From the caller to the worker. */
export type ToWorker =
  | { readonly type: 'batch'; readonly batch: readonly Envelope[] }
  /** Close the database and say so. */
  | { readonly type: 'close' };

/** From the worker to the caller. */
export type FromWorker =
  | { readonly type: 'opened' }
  | { readonly type: 'open-failed'; readonly error: WireError }
  | { readonly type: 'outcome'; readonly outcome: BatchOutcome }
  | { readonly type: 'closed' };
