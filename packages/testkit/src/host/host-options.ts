import type { Clock, Command, InstanceId, RefusalCode, RunResult, StartRequest } from '@drover/spec';
import type { SeededRandom } from '../seeded-random.ts';
import type { StrikeGate } from '../strike-gate.ts';

/** What one simulated container does. */
export interface RunPlan {
  /** Virtual time from start to end. */
  readonly runTimeMs: number;
  /** Default 0; ignored with a `signal` or `startError`. */
  readonly exitCode?: number;
  readonly signal?: string;
  readonly startError?: string;
  readonly oom?: boolean;
  readonly peakRamBytes?: number;
  readonly stdout?: string;
  readonly stderr?: string;
  /** From SIGTERM to its end; default 0. Longer than the grace of its limits: SIGKILL ends it then. */
  readonly termTimeMs?: number;
  /** Nothing ends it but its own end or the VM's. */
  readonly unkillable?: boolean;
}

/** Decides what a container does when it is started. */
export type PlanRun = (start: StartRequest, instanceId: InstanceId) => RunPlan;

/** What may be wrong with one host. Change it at any moment. */
export interface HostFaults {
  /** Connections are refused; those that exist go on. */
  refuseConnections: boolean;
  /** Nothing is answered and nothing is taken in, without a word. What runs goes on. */
  frozen: boolean;
  /** Probability per command that it is carried out and the connection breaks before its answer. */
  replyLostRate: number;
  /** Probability per command that it is carried out and its channel closes without an exit status. */
  exitStatusLostRate: number;
  /** Probability per write of the agent's journal that the agent dies there; what runs goes on. */
  agentCrashRate: number;
  /** No start can be stored. */
  diskFull: boolean;
  /** A bug, for tests of those who look for it: the agent signals a process number without proof of whose it is. */
  signalsStoredPids: boolean;
  /** Probability per line to or from the agent that the channel breaks instead. */
  channelResetRate: number;
  /** Probability per channel that breaks: what was under way to the host still arrives, `lingerMs` later. */
  lingerRate: number;
  lingerMs: number;
  /** sshd does not let the control channel be opened. */
  refuseChannels: boolean;
  /** The boot probe fails. */
  notBooted: boolean;
  /** The agent does not start. */
  agentDead: boolean;
  /** Starts are accepted and come to nothing: each ends at once with a start error. */
  startsFail: boolean;
  /** Kills are accepted and change nothing. */
  killsFail: boolean;
}

/** A host without faults, with these exceptions. */
export function hostFaults(exceptions: Partial<HostFaults> = {}): HostFaults {
  return {
    refuseConnections: false,
    frozen: false,
    replyLostRate: 0,
    exitStatusLostRate: 0,
    agentCrashRate: 0,
    diskFull: false,
    signalsStoredPids: false,
    channelResetRate: 0,
    lingerRate: 0,
    lingerMs: 20_000,
    refuseChannels: false,
    notBooted: false,
    agentDead: false,
    startsFail: false,
    killsFail: false,
    ...exceptions,
  };
}

/** What happens on hosts, for whoever checks invariants. Called at once. */
export interface HostHooks {
  /** `hostKey`: what the VM had shown on the connection that the start was sent over. */
  onRunStarted?(instanceId: InstanceId, uuid: string, generation: number, hostKey: string): void;
  /** The workload is dead. `result` undefined: its VM went with it. */
  onRunEnded?(instanceId: InstanceId, uuid: string, generation: number, result: RunResult | undefined): void;
  /** A command over SSH is about to be carried out, or a channel to the agent has been opened (`command` undefined). */
  onArrival?(
    instanceId: InstanceId,
    arrival: {
      readonly command: Command | undefined;
      /** Channels that are open on that connection, this one included. */
      readonly channels: number;
    },
  ): void;
  /** A signal is about to reach the processes of `owner`; undefined: of no container. */
  onKill?(
    instanceId: InstanceId,
    asked: { readonly uuid: string; readonly generation: number },
    owner: { readonly uuid: string; readonly generation: number } | undefined,
  ): void;
  /** The agent has refused a request. */
  onRefused?(instanceId: InstanceId, code: RefusalCode): void;
  onAcked?(instanceId: InstanceId, uuid: string, generation: number): void;
  /** The dead-man lease has run out: the VM ends itself. */
  onPowerOff?(instanceId: InstanceId): void;
}

/** How simulated hosts are set up. */
export interface SimulatedHostsOptions {
  readonly clock: Clock;
  readonly random: SeededRandom;
  /** Default: every container runs 1 s and exits 0. */
  readonly planRun?: PlanRun;
  /** One way; default 0. */
  readonly latencyMs?: number;
  readonly hooks?: HostHooks;
  /** Faults of every new host. */
  readonly faults?: Partial<HostFaults>;
  /** Has the last word on `lingering`, `reply-lost`, `exit-status-lost`, `agent-crash` and `channel-reset`. */
  readonly gate?: StrikeGate;
  /** From the VM's "running" to its sshd; default 0. */
  readonly sshDelayMs?: number;
}
