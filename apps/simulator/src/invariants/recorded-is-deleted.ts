import type { Invariant, LiveWorkload } from './invariant.ts';

/**
 * 21, the other half: once it is recorded, a VM that can be reached is told soon that it may delete a result; else results fill its
 * disk. `kept`: results that are recorded and still on a VM which nothing keeps from hearing so. `withinMinutes`: so many reviews in a row.
 */
export function recordedIsDeleted(kept: () => Iterable<LiveWorkload>, withinMinutes: number): Invariant {
  let minutes = new Map<string, number>();
  return {
    number: 21,
    rule: 'what is recorded is soon acked',
    review: () => {
      const before = minutes;
      minutes = new Map();
      for (const { instanceId, uuid, generation } of kept()) {
        const name = `${uuid}/${generation} on ${instanceId}`;
        const count = (before.get(name) ?? 0) + 1;
        minutes.set(name, count);
        if (count > withinMinutes) return `the result of ${name} was recorded ${count - 1} minutes ago, and not acked`;
      }
      return undefined;
    },
  };
}
