export { canonicalJson } from './canonical-json.ts';
export type { Command, CommandOf } from './command.ts';
export { attemptNeeded, decide } from './decide.ts';
export { type EntryShape, toEntry } from './entry.ts';
export { type ContainerFacts, isFinal, isHeld, newFacts, type Verdict } from './facts.ts';
export { newLogBytes } from './log-rules.ts';
export { defaultClusterId, defaultQueueLimits, type QueueLimits } from './queue-options.ts';
export type { Situation } from './situation.ts';
export { newContainerUuids } from './uuid.ts';
