export type { CreatePlanMemory, Plan, Why } from './plan.ts';
export type { PlanAction, PlanInput, PlanLimits, PlanMemory, PlanReasons, PlanResult } from './plan-types.ts';
export { QueueTable, type QueueView } from './queue-view.ts';
export { defaultSchedulerOptions, type SchedulerOptions } from './scheduler-options.ts';
