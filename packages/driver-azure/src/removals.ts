import { NotFoundError } from '@drover/spec';
import { azureTimes } from './azure-options.ts';
import { Lanes } from './bounded.ts';
import { mapError } from './map-error.ts';
import { namesOf } from './names.ts';
import { untilDone } from './operation.ts';
import type { SdkPoller } from './sdk-subset.ts';
import type { AzureSurroundings } from './surroundings.ts';

/**
 * Removes what a failed create has left: the VM, then by name what was to go with it. One at a time for each VM, and a new create of
 * the same name waits, so that no late removal hits it. What cannot be removed now is left to the search for dangling resources.
 */
export class Removals {
  readonly #around: AzureSurroundings;
  readonly #lanes = new Lanes(azureTimes.parallelRemovals);
  readonly #running = new Map<string, Promise<boolean>>();

  constructor(around: AzureSurroundings) {
    this.#around = around;
  }

  /** Whether the VM is being removed as one that failed. */
  has(vm: string): boolean {
    return this.#running.has(vm);
  }

  /** Resolves when the VM's removal has ended, however; at once when there is none. */
  async ended(vm: string): Promise<void> {
    await this.#running.get(vm);
  }

  /** Whether it worked. */
  start(vm: string): Promise<boolean> {
    const running = this.#running.get(vm);
    if (running !== undefined) return running;
    const removal = this.#lanes
      .run(() => this.#remove(vm))
      .then(
        () => true,
        () => {
          this.#around.counters.removalFailures += 1;
          return false;
        },
      )
      .finally(() => this.#running.delete(vm));
    this.#running.set(vm, removal);
    return removal;
  }

  /** Resolves when nothing is under way; call it once the set is closed. */
  async settled(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  async #remove(vm: string): Promise<void> {
    const { clients, params, closed } = this.#around;
    const { compute, network } = clients;
    const { resourceGroup } = params;
    const options = { abortSignal: closed };
    const names = namesOf(vm);
    await this.#wait(compute.virtualMachines.delete(resourceGroup, vm, { ...options, forceDeletion: true }));
    await this.#wait(network.networkInterfaces.delete(resourceGroup, names.networkInterface, options));
    await this.#wait(compute.disks.delete(resourceGroup, names.osDisk, options));
    await this.#wait(compute.disks.delete(resourceGroup, names.scratchDisk, options));
  }

  async #wait(poller: SdkPoller<void>): Promise<void> {
    const { context, closed } = this.#around;
    try {
      await untilDone(poller, context.clock, {
        signal: closed,
        deadlineMs: azureTimes.removalDeadlineMs,
        everyMs: () => azureTimes.removalLookMs,
      });
    } catch (error) {
      const mapped = mapError(error, { doing: 'remove what a failed create has left', nowMs: context.clock.wallMs() });
      if (!(mapped instanceof NotFoundError)) throw mapped;
    }
  }
}
