import type { BatchOutcome, Envelope } from './protocol.ts';

/** What comes back from the database's side. */
export interface TransportEvents {
  readonly onOutcome: (outcome: BatchOutcome) => void;
  /** The database's side has died; nothing more will be answered. */
  readonly onDeath: (why: Error) => void;
}

/** The way to the engine. */
export interface Transport {
  /** Answers come through `onOutcome`, in any grouping. */
  send(batch: readonly Envelope[]): void;
  /** Resolves once the database is closed; requests sent before are answered first. */
  close(): Promise<void>;
}
