import { createPlanMemory, plan } from './plan.ts';
import { why } from './why.ts';
import { Scheduler, type SchedulerPorts } from './scheduler.ts';
import type { SchedulerOptions } from './scheduler-options.ts';
import type { ShellOptions } from './shell-options.ts';

/** A scheduler with the real planning part; `options.fenced` follows the queue, whatever is given. */
export function createScheduler(
  ports: SchedulerPorts,
  options: SchedulerOptions,
  shell: Partial<ShellOptions> = {},
): Scheduler {
  return new Scheduler(ports, options, shell, { plan, createMemory: createPlanMemory, why });
}
