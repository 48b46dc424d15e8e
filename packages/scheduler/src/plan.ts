import type { ContainerUuid, WhyAnswer } from '@drover/spec';
import type { PlanInput, PlanMemory, PlanResult } from './plan-types.ts';
import type { SchedulerOptions } from './scheduler-options.ts';

/**
 * One pass of the scheduler: what to do now, given the pool, the queue and what earlier passes learnt. Pure but for the
 * caches in `memory.index`, which it renews in place: pass the memory it returns to the next call and to no other.
 */
export type Plan = (input: PlanInput, memory: PlanMemory) => PlanResult;

/** The memory before the first pass. */
export type CreatePlanMemory = (options: SchedulerOptions) => PlanMemory;

/**
 * Why a container waits, worked out when asked. `input` and `memory` are those of the last pass (the memory it returned);
 * `wallOffsetMs` is wall clock minus monotonic clock. Undefined: the queue does not hold it.
 */
export type Why = (
  uuid: ContainerUuid,
  input: PlanInput,
  memory: PlanMemory,
  wallOffsetMs: number,
) => WhyAnswer | undefined;
