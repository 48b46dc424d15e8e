import type { ContainerUuid } from './container.ts';
import type { IdleBehavior, InstanceId, WorkerState } from './instance.ts';

/** One instance as operators see it. `instanceId` is empty for a create in flight. */
export interface InstanceView {
  readonly instanceId: InstanceId | '';
  readonly address: string;
  readonly pricePerHour: number;
  readonly instanceType: string;
  readonly providerType: string;
  readonly state: WorkerState;
  readonly idleBehavior: IdleBehavior;
  readonly lastContainerUuid?: ContainerUuid;
  /** Wall clock; undefined before it was ever busy. */
  readonly lastBusyAtMs?: number;
  readonly createdAtMs: number;
  readonly containers: readonly ContainerUuid[];
  /** Why it is not used, or drains: one sentence. */
  readonly note?: string;
  readonly vcpus: number;
  readonly ramBytes: number;
}
