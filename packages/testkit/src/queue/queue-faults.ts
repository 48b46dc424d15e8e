import type { ContainerQueue, ContainerStore, ContainerUuid, StateStore } from '@drover/spec';

/** Every call of a queue that goes to its database. */
export type QueueOperation =
  | Exclude<keyof ContainerQueue, 'fenced' | 'onWake'>
  | keyof ContainerStore
  | keyof StateStore;

/**
 * What may go wrong with one call. `busy`, `overloaded`: refused, nothing happened. `commit-unknown`: it took effect and
 * is reported as failed. `no-answer`: it took effect and the call hangs until it is aborted. `lost-leadership`: the
 * leader loses its right and the call is refused.
 */
export type QueueFault = 'busy' | 'overloaded' | 'commit-unknown' | 'no-answer' | 'lost-leadership';

/** Says whether this call goes wrong. Called once per call, in order. */
export type QueueFaultPolicy = (operation: QueueOperation, uuid: ContainerUuid | undefined) => QueueFault | undefined;

/** Faults laid out by hand, each for the next call that fits. */
export class PlannedQueueFaults {
  readonly #planned: { fault: QueueFault; operation: QueueOperation | undefined; times: number }[] = [];

  /** The next `times` calls (of this operation, when given) go wrong in this way. */
  plan(fault: QueueFault, options: { readonly operation?: QueueOperation; readonly times?: number } = {}): void {
    this.#planned.push({ fault, operation: options.operation, times: options.times ?? 1 });
  }

  /** The fault for this call, used up. */
  take(operation: QueueOperation): QueueFault | undefined {
    const index = this.#planned.findIndex((p) => p.operation === undefined || p.operation === operation);
    const planned = this.#planned[index];
    if (planned === undefined) return undefined;
    planned.times -= 1;
    if (planned.times === 0) this.#planned.splice(index, 1);
    return planned.fault;
  }
}
