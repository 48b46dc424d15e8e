import type { PreemptionWatch } from '@drover/spec';
import type { NodePlatform } from './platform-helper.ts';

/** How the runner is brought to the VMs. All have defaults; see `runnerDefaults`. */
export interface RunnerOptions {
  /** Absolute path on the VM. The path of the agent's socket below it must fit into 107 bytes (103 on macOS). */
  readonly deployDirectory: string;
  /** Node ≥ 20 on the VM: a name looked up in PATH, or a path. */
  readonly node: string;
  /** Paths here of Node for VMs that lack it, by their platform; for its own platform the Node that runs the dispatcher will do. */
  readonly nodeBinaries: Readonly<Partial<Record<NodePlatform, string>>>;
  /** A folder here that only the dispatcher writes to, for packed programs; empty: VMs must have Node. */
  readonly cacheDirectory: string;
  /** POSIX shell command that ends the VM when its dead-man lease has run out; empty: the VM only reports it. */
  readonly powerOffCommand: string;
  /** Runs containers that have an image. */
  readonly imageEngine: 'docker' | 'podman';
  /** How the VM learns that it is about to be taken away. */
  readonly preemptionWatch: PreemptionWatch;
}

export const runnerDefaults: RunnerOptions = {
  deployDirectory: '/var/lib/drover',
  node: 'node',
  nodeBinaries: {},
  cacheDirectory: '',
  // Only the operator knows whether a VM that powers itself off is billed on, or is somebody's workstation.
  powerOffCommand: '',
  imageEngine: 'docker',
  preemptionWatch: 'none',
};
