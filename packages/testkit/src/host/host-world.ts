import type { Clock, ContainerUuid, InstanceId, RunResult, StartRequest } from '@drover/spec';
import type { DelayRange } from '../cloud/fake-cloud-options.ts';
import type { FaultDice } from '../cloud/fault-dice.ts';
import type { HostFaults } from './host-faults.ts';

/** What a workload does on a simulated VM. */
export interface Workload {
  readonly durationMs: number;
  /** Undefined when a signal ends it. */
  readonly exitCode?: number;
  readonly signal?: string;
  readonly oom?: boolean;
  /** Set: it cannot be started at all. */
  readonly startError?: string;
  readonly stdout?: Uint8Array;
  readonly stderr?: Uint8Array;
}

/** One run on one VM, for checks. */
export interface HostRun {
  readonly instanceId: InstanceId;
  readonly uuid: ContainerUuid;
  readonly generation: number;
}

/** Called at once, within the step in which it happens: for invariants. */
export interface HostHooks {
  /** The runner has accepted a start: from now on the workload counts as alive. */
  onStart?(run: HostRun): void;
  /** The result is written down on the VM. */
  onResult?(run: HostRun, result: RunResult): void;
  /** The runner has accepted an acknowledgement and deleted the result. */
  onAck?(run: HostRun): void;
  /** The VM ends itself because nobody has needed it for too long. */
  onPowerOff?(instanceId: InstanceId): void;
}

/** What all parts of the simulated hosts share. */
export interface HostWorld {
  readonly clock: Clock;
  readonly dice: FaultDice;
  readonly faults: HostFaults;
  readonly hooks: HostHooks;
  /** One way, per message. */
  readonly latency: DelayRange;
  /** From accepting a start until the workload runs, and from a kill until it is gone. */
  readonly startDelay: DelayRange;
  readonly workload: (container: StartRequest['container']) => Workload;
}
