import type { CallOptions, Unsubscribe } from './clock.ts';
import type { HostKeys, IdleBehavior, InstanceId } from './instance.ts';

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

/**
 * What was decided last about a VM's idle behaviour, and which decision that was: the later one of two has the higher epoch, or the
 * higher number in the same epoch. Epoch 0: nothing that is on record was decided.
 */
export interface BehaviorDecision {
  readonly behavior: IdleBehavior;
  /** Of the dispatcher that decided. */
  readonly epoch: number;
  /** How many decisions about this VM it had made by then. */
  readonly number: number;
}

/** The right to act as the one dispatcher of this queue. */
export interface Leadership {
  /** Grows with every leader; runners refuse lower ones. */
  readonly epoch: number;
  /** Called once when the right is lost, also when it was lost before anybody listened: stop acting at once. */
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
  /** The VM is gone for certain: forgets its keys and what was decided about it. */
  removePin(id: InstanceId, options: CallOptions): Promise<void>;
  /** What was decided last about each VM; those about which nothing was are missing. */
  behaviors(options: CallOptions): Promise<ReadonlyMap<InstanceId, BehaviorDecision>>;
  /** Durable before it resolves: only then may an operator be told that it holds. */
  setBehavior(id: InstanceId, decision: BehaviorDecision, options: CallOptions): Promise<void>;
  /** Durable before it resolves: called before the cloud is asked. */
  recordIntent(intent: CreateIntent, options: CallOptions): Promise<void>;
  removeIntent(createId: string, options: CallOptions): Promise<void>;
  intents(options: CallOptions): Promise<readonly CreateIntent[]>;
}
