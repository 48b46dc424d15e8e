import type { Range, Scenario } from '../scenario.ts';

const minuteMs = 60_000;

/** Simpler values for single keys of a scenario, the simplest first; those that change nothing are left out. */
export function simplifications(scenario: Scenario): readonly Partial<Scenario>[] {
  const { containers, onlyContainers, maxInstances, healAtMs, convergeWithinMs } = scenario;
  const needed = Math.max(0, ...(onlyContainers ?? [containers]));
  const all: readonly Partial<Scenario>[] = [
    { submitOverMs: 0 },
    { containers: needed },
    ...smaller(maxInstances).map((fewer) => ({ maxInstances: fewer })),
    { maxContainersPerInstance: 1 },
    { faultIntensity: 1 },
    { publishesHostKeys: true },
    { cloudLatencyMs: [0, 0] },
    { queueLatencyMs: [0, 0] },
    { sshLatencyMs: [0, 0] },
    ...fixed(scenario.bootMs).map((bootMs) => ({ bootMs })),
    ...fixed(scenario.runMs).map((runMs) => ({ runMs })),
    ...shorter(healAtMs, [5, 10, 20, 40]).map((ms) => ({ healAtMs: ms })),
    ...shorter(convergeWithinMs, [60, 240]).map((ms) => ({ convergeWithinMs: ms })),
  ];
  return all.filter((part) => JSON.stringify({ ...scenario, ...part }) !== JSON.stringify(scenario));
}

/** 1, half of it, one less. */
function smaller(count: number): readonly number[] {
  return [...new Set([1, Math.floor(count / 2), count - 1])].filter((fewer) => fewer >= 1 && fewer < count);
}

function shorter(presentMs: number, minutes: readonly number[]): readonly number[] {
  return minutes.map((some) => some * minuteMs).filter((ms) => ms < presentMs);
}

/** One round value instead of a range. */
function fixed([min, max]: Range): readonly Range[] {
  if (min === max) return [];
  const middle = Math.round((min + max) / 2 / 1000) * 1000;
  return [1000, 30_000, middle, max].filter((ms) => ms >= min && ms <= max).map((ms): Range => [ms, ms]);
}
