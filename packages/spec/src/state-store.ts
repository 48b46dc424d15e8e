import type { CallOptions, Unsubscribe } from './clock.ts';
import type { HostKeys, InstanceId } from './instance.ts';

/** A create that was about to be asked for; found again after a crash. */
export interface CreateIntent {
  readonly createId: string;
  readonly instanceType: string;
  readonly offeringId: string;
  readonly count: number;
  /** One per VM of the batch. */
  readonly secrets: readonly string[];
  readonly createdAtMs: number;
}

/** The right to act as the one dispatcher of this queue. */
export interface Leadership {
  /** Grows with every leader; runners refuse lower ones. */
  readonly epoch: number;
  /** Called once when the right is lost: stop acting at once. */
  onLost(listener: (why: Error) => void): Unsubscribe;
  release(): Promise<void>;
}

/** The little that a dispatcher must remember beyond the queue itself. Implemented beside each queue. */
export interface StateStore {
  /** Rejects with QUEUE_IN_USE while another dispatcher leads. */
  lead(options: CallOptions): Promise<Leadership>;
  /** Every VM that the pool knew, with its proven host keys; an empty list: known, and nothing proven yet. */
  pins(options: CallOptions): Promise<ReadonlyMap<InstanceId, HostKeys>>;
  setPin(id: InstanceId, keys: HostKeys, options: CallOptions): Promise<void>;
  removePin(id: InstanceId, options: CallOptions): Promise<void>;
  /** Durable before it resolves: called before the cloud is asked. */
  recordIntent(intent: CreateIntent, options: CallOptions): Promise<void>;
  removeIntent(createId: string, options: CallOptions): Promise<void>;
  intents(options: CallOptions): Promise<readonly CreateIntent[]>;
}
