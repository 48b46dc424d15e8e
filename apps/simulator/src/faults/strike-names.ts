import type { FaultName } from './fault-names.ts';

/** Under which names the strikes of a fault are counted, where that is not its own. */
const names: Readonly<Partial<Record<FaultName, readonly string[]>>> = {
  'create-answer-lost': ['create answer lost'],
  'create-hangs': ['create hangs'],
  'create-fails': ['create fails'],
  'list-fails': ['list fails'],
  'list-lags': ['listLag'],
  'cloud-throttles': ['create throttled', 'list throttled', 'destroy throttled', 'describe throttled'],
  capacity: ['capacity all', 'capacity instance-type', 'capacity offering', 'partialBatch'],
  'launch-fails': ['launchFailure'],
  'never-boots': ['neverBoots'],
  'stuck-pending': ['stuckPending'],
  'missing-tags': ['missingTags'],
  vanishing: ['vanish'],
  'destroy-ignored': ['destroyIgnored'],
  'spot-kill': ['spotKill'],
  'address-reuse': ['reuseAddresses'],
  'credentials-expired': ['authBroken'],
  'runner-write-crash': ['agent-crash'],
};

/** The names to look for among the counts of a run. */
export function strikesOf(fault: FaultName): readonly string[] {
  return names[fault] ?? [fault];
}
