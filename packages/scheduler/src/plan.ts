import type { ContainerUuid, WhyAnswer } from '@drover/spec';
import { initialLimits, maxSupervisorsOf } from './dynamic-limit.ts';
import { Pass } from './pass.ts';
import { PlanIndex } from './plan-index.ts';
import { reasonsOf } from './plan-reasons.ts';
import type { PlanInput, PlanMemory, PlanResult } from './plan-types.ts';
import type { SchedulerOptions } from './scheduler-options.ts';

export { why } from './why.ts';

/** The type of `plan`. */
export type Plan = (input: PlanInput, memory: PlanMemory) => PlanResult;

/** The type of `createPlanMemory`. */
export type CreatePlanMemory = (options: SchedulerOptions) => PlanMemory;

/** The type of `why`. */
export type Why = (
  uuid: ContainerUuid,
  input: PlanInput,
  memory: PlanMemory,
  wallOffsetMs: number,
) => WhyAnswer | undefined;

/** The memory before the first pass. */
export function createPlanMemory(options: SchedulerOptions): PlanMemory {
  return { limits: initialLimits(options), index: new PlanIndex(options) };
}

/**
 * One pass of the scheduler: what to do now, given the pool, the queue and what earlier passes learnt. Pure but for the
 * caches in `memory.index`, which it renews in place: pass the memory it returns to the next call and to no other. While
 * the pool is not ready nothing is decided.
 */
export function plan(input: PlanInput, memory: PlanMemory): PlanResult {
  const index = indexFor(input, memory);
  index.sync(input.pool, input.queue, input.nowMs);
  if (!input.pool.ready) return notReady(input, { limits: memory.limits, index });
  const pass = new Pass(input, memory.limits, index);
  pass.run();
  const { actions, limits, maxSupervisors, passedOver } = pass;
  return {
    actions,
    memory: { limits, index },
    reasons: reasonsOf(index),
    overQuota: passedOver,
    maxSupervisors,
  };
}

function indexFor(input: PlanInput, memory: PlanMemory): PlanIndex {
  const { index } = memory;
  return index.options === input.options && !index.bloated ? index : index.renewed(input.options);
}

function notReady(input: PlanInput, memory: PlanMemory): PlanResult {
  const { records, restless } = memory.index;
  for (const record of records.values()) {
    if (record.settled) continue;
    record.setCode('recovering', input.nowMs);
    restless.add(record);
  }
  return {
    actions: [],
    memory,
    reasons: reasonsOf(memory.index),
    overQuota: 0,
    maxSupervisors: maxSupervisorsOf(memory.limits.dynamicLimit, input.options.supervisorFraction),
  };
}
