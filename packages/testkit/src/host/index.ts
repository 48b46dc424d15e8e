export {
  type HostFaults,
  hostFaults,
  type HostHooks,
  type PlanRun,
  type RunPlan,
  type SimulatedHostsOptions,
} from './host-options.ts';
export { SimulatedAgent, type AgentPeer } from './simulated-agent.ts';
export { SimulatedKernel, type Process } from './simulated-kernel.ts';
export { SimulatedHost } from './simulated-host.ts';
export { SimulatedHosts } from './simulated-hosts.ts';
export { simulatedRunner, simulatedRunnerCommand, simulatedRunnerSource } from './simulated-runner.ts';
