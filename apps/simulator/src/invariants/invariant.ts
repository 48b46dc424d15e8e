import type { ContainerEvent, ContainerUuid, HostKeys, Instance, InstanceId, RunResult } from '@drover/spec';

/** A run whose workload is alive on a VM, whatever anybody believes. */
export interface LiveWorkload {
  readonly instanceId: InstanceId;
  readonly uuid: ContainerUuid;
  readonly generation: number;
}

/** A line that the runner on a VM accepted. */
export interface RunnerAcceptance {
  readonly kind: 'start' | 'ack';
  readonly instanceId: InstanceId;
  readonly uuid: ContainerUuid;
  readonly generation: number;
}

/** A result that a runner wrote down. */
export interface ProducedResult {
  readonly instanceId: InstanceId;
  readonly uuid: ContainerUuid;
  readonly generation: number;
  readonly result: RunResult;
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
  /** When a runner has written a result down. */
  readonly onResult?: (produced: ProducedResult) => string | undefined;
  /** Once, when the world has healed and had its time. */
  readonly atEnd?: () => string | undefined;
}
