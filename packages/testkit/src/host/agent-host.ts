import type { Clock } from '@drover/spec';
import type { HostFaults, HostHooks, PlanRun } from './host-options.ts';
import type { SimulatedKernel } from './simulated-kernel.ts';

/** What the agent needs of its host. */
export interface AgentHost {
  readonly instanceId: string;
  readonly clock: Clock;
  readonly faults: HostFaults;
  readonly hooks: HostHooks;
  readonly planRun: PlanRun;
  readonly kernel: SimulatedKernel;
  readonly powerOff: () => void;
  /** True: the agent's process dies now. */
  readonly crashesHere: () => boolean;
}
