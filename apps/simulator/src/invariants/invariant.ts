import type { Command, ContainerEvent, ContainerUuid, HostKeys, Instance, InstanceId, RunResult } from '@drover/spec';
import type { PortAnswer, PortCall } from '../port-call.ts';

/** A run whose workload is alive on a VM, whatever anybody believes. */
export interface LiveWorkload {
  readonly instanceId: InstanceId;
  readonly uuid: ContainerUuid;
  readonly generation: number;
}

/** A line that the runner on a VM accepted. */
export type RunnerAcceptance = AcceptedStart | (LiveWorkload & { readonly kind: 'ack' });

/** A start that the runner on a VM accepted. */
export interface AcceptedStart extends LiveWorkload {
  readonly kind: 'start';
  /** What the VM had shown when the connection was made that the start was sent over. */
  readonly hostKey: string;
}

/** A result that a runner wrote down. */
export interface ProducedResult {
  readonly instanceId: InstanceId;
  readonly uuid: ContainerUuid;
  readonly generation: number;
  readonly result: RunResult;
}

/** What reached a VM over SSH: a command, or a channel to its agent. */
export interface Arrival {
  readonly instanceId: InstanceId;
  /** Undefined: a channel. */
  readonly command: Command | undefined;
  /** Channels that are open on that connection, this one included; 0 for commands. */
  readonly channels: number;
}

/** A signal that ends a process. */
export interface DeadlyKill {
  readonly instanceId: InstanceId;
  /** What was to be killed. */
  readonly uuid: ContainerUuid;
  readonly generation: number;
  /** Whose process it is in truth; undefined: of no container. */
  readonly hits: { readonly uuid: ContainerUuid; readonly generation: number } | undefined;
}

/**
 * Something that must hold whatever happens. Each method is called at its moment and answers with what is wrong, or
 * undefined. Numbers are those of the reliability rules.
 */
export interface Invariant {
  readonly number: number;
  /** One sentence that states what must hold. */
  readonly rule: string;
  /** After every step of the world. */
  readonly check?: () => string | undefined;
  /** Every simulated minute; for what is dear to look at. */
  readonly review?: () => string | undefined;
  /** At every commit of the queue. */
  readonly onQueueEvent?: (event: ContainerEvent) => string | undefined;
  /** Right before a create call of the dispatcher takes effect; `toCome`: VMs that it and all unanswered calls may add. */
  readonly onCreate?: (toCome: number) => string | undefined;
  /** Right before a destroy call of the dispatcher takes effect. */
  readonly onDestroy?: (instance: Instance) => string | undefined;
  /** Right after the runner on a VM accepted a start or an ack. */
  readonly onRunner?: (acceptance: RunnerAcceptance) => string | undefined;
  /** When a workload that was started is no more, whether it left a result or went with its VM. */
  readonly onRunEnded?: (workload: LiveWorkload) => string | undefined;
  /** Right after host keys were pinned, or a VM was put on record with none. */
  readonly onPin?: (id: InstanceId, keys: HostKeys) => string | undefined;
  /** Right before a call of a dispatcher takes effect, or is refused. */
  readonly onCall?: (call: PortCall) => string | undefined;
  readonly onAnswer?: (call: PortCall, answer: PortAnswer) => string | undefined;
  /** Right before a dispatcher hears that it has lost the lead. */
  readonly onToldOfLoss?: (dispatcher: number) => string | undefined;
  /** A VM of somebody else was touched. */
  readonly onForeignTouch?: (verb: string, id: InstanceId) => string | undefined;
  /** Something has reached a VM over SSH. */
  readonly onArrival?: (arrival: Arrival) => string | undefined;
  /** A kill is about to end a live workload, or something else on the VM. */
  readonly onKill?: (kill: DeadlyKill) => string | undefined;
  /** When a runner has written a result down. */
  readonly onResult?: (produced: ProducedResult) => string | undefined;
  /** Once, when the world has healed and had its time. */
  readonly atEnd?: () => string | undefined;
}
