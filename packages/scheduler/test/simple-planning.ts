import type { WhyAnswer } from '@drover/spec';
import { PlanIndex } from '../src/plan-index.ts';
import type { PlanAction, PlanInput, PlanMemory, PlanResult } from '../src/plan-types.ts';
import type { Planning } from '../src/scheduler.ts';

/** Locks whatever is queued and starts whatever is locked on the first VM; for tests of the shell alone. */
export const simplePlanning: Planning = {
  createMemory: (options) => ({
    limits: { dynamicLimit: 0, instancesWithinQuota: 0, lastOverloadMs: undefined },
    index: new PlanIndex(options),
  }),
  plan: simplePlan,
  why: (uuid): WhyAnswer => ({
    uuid,
    code: 'waiting-for-create',
    sentence: '',
    sinceMs: 0,
    eligibleTypes: [],
    rejections: [],
  }),
};

function simplePlan(input: PlanInput, memory: PlanMemory): PlanResult {
  const actions: PlanAction[] = [];
  const placed = new Set(input.pool.workers.flatMap((worker) => worker.containers.map(({ uuid }) => uuid)));
  const [worker] = input.pool.workers;
  for (const { uuid, state, generation, priority } of input.queue.entries.values()) {
    if (input.busy.has(uuid) || input.recovering?.has(uuid) === true || placed.has(uuid) || priority === 0) continue;
    if (state === 'Queued') actions.push({ kind: 'lock', uuid, generation });
    if (state === 'Locked' && worker !== undefined)
      actions.push({ kind: 'start', uuid, generation, instanceId: worker.instanceId });
  }
  return {
    actions,
    memory: { ...memory, limits: { ...memory.limits, lastOverloadMs: input.overloadedAtMs } },
    reasons: { codeOf: () => undefined, counts: () => new Map() },
    overQuota: 0,
    maxSupervisors: 0,
  };
}
