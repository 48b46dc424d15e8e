import type { BehaviorDecision, Instance } from '@drover/spec';
import type { PoolOptions } from './pool-options.ts';
import { InstanceTag, readTag, taggedBehavior } from './tags.ts';

/** Which decision about a VM: of which dispatcher, and its how-manieth. */
export type DecisionNumber = Pick<BehaviorDecision, 'epoch' | 'number'>;

/** As a tag beside the behaviour's own, which has the reference's values only; clouds that spell in lower case can keep it. */
export function decisionTag({ epoch, number }: DecisionNumber): string {
  return `${epoch}-${number}`;
}

/** The one after it, made by the dispatcher of this epoch. */
export function nextDecision(before: DecisionNumber, epoch: number): DecisionNumber {
  return { epoch, number: before.epoch === epoch ? before.number + 1 : 1 };
}

/**
 * What holds for a VM that has just appeared: the later of what the store has and what its tags say. Tags may be stale, or never
 * have been written; a behaviour in the tags that differs under the same number was set by somebody else since.
 */
export function restoredDecision(
  options: Pick<PoolOptions, 'tagKeyPrefix'>,
  instance: Instance,
  recorded: BehaviorDecision | undefined,
): BehaviorDecision {
  const tagged = { behavior: taggedBehavior(options, instance), ...taggedNumber(options, instance) };
  return recorded !== undefined && isLater(recorded, tagged) ? recorded : tagged;
}

function isLater(a: DecisionNumber, b: DecisionNumber): boolean {
  return a.epoch === b.epoch ? a.number > b.number : a.epoch > b.epoch;
}

/** The number of the decision that the tags show; epoch 0: of none. */
export function taggedNumber(options: Pick<PoolOptions, 'tagKeyPrefix'>, instance: Instance): DecisionNumber {
  const [, epoch, number] = /^(\d{1,15})-(\d{1,15})$/.exec(readTag(options, instance, InstanceTag.decision)) ?? [];
  return { epoch: Number(epoch ?? 0), number: Number(number ?? 0) };
}
