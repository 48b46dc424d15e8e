export { chooseTypes } from './choose-types.ts';
export { type Needs, needsOf } from './needs.ts';
export { type CreatePlanMemory, createPlanMemory, type Plan, plan, type Why, why } from './plan.ts';
export type { PlanAction, PlanInput, PlanLimits, PlanMemory, PlanReasons, PlanResult } from './plan-types.ts';
export { QueueTable, type QueueView } from './queue-view.ts';
export { defaultSchedulerOptions, type SchedulerOptions } from './scheduler-options.ts';
export { rejectionMessage, rejectionsOf } from './rejections.ts';
export type { Request } from './type-constraints.ts';
