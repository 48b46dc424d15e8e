import type { ContainerUuid, WhyCode } from '@drover/spec';
import type { PlanIndex } from './plan-index.ts';
import type { PlanReasons } from './plan-types.ts';

/** The codes that the last pass left in the index. */
export function reasonsOf(index: PlanIndex): PlanReasons {
  return {
    codeOf: (uuid: ContainerUuid) => index.records.get(uuid)?.code,
    counts: () => {
      const counts = new Map<WhyCode, number>();
      for (const { code, settled } of index.records.values()) {
        if (code !== undefined && !settled) counts.set(code, (counts.get(code) ?? 0) + 1);
      }
      return counts;
    },
  };
}
