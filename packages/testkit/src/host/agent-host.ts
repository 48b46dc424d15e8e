import type { Clock } from '@drover/spec';
import type { HostFaults, HostHooks, PlanRun } from './host-options.ts';

/** What the agent needs of its host. */
export interface AgentHost {
  readonly instanceId: string;
  readonly clock: Clock;
  readonly faults: HostFaults;
  readonly hooks: HostHooks;
  readonly planRun: PlanRun;
  readonly powerOff: () => void;
}
