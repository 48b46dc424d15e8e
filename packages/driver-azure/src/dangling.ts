import type { Tags } from '@drover/spec';
import { azureTimes } from './azure-options.ts';
import type { Launches } from './follow.ts';
import { ownerOf } from './names.ts';
import { tagOf } from './own-tags.ts';
import { eachPage } from './pages.ts';
import type { Removals } from './removals.ts';
import type { SdkPoller } from './sdk-subset.ts';
import type { AzureSurroundings } from './surroundings.ts';

/** A network interface or disk of this set that no VM has. */
interface Dangling {
  readonly kind: 'networkInterface' | 'disk';
  readonly name: string;
}

/**
 * Looks now and then for network interfaces and disks of this set that no VM has, and removes those that it has seen so for long
 * enough. How old a thing is by Azure's clock does not matter: this one may be off, and what is being made is new for a moment.
 */
export class DanglingSearch {
  readonly #around: AzureSurroundings;
  readonly #launches: Launches;
  readonly #removals: Removals;
  /** Since when each has been seen, by the monotonic clock. */
  readonly #seenSinceMs = new Map<string, number>();

  constructor(around: AzureSurroundings, launches: Launches, removals: Removals) {
    this.#around = around;
    this.#launches = launches;
    this.#removals = removals;
  }

  /** Looks until the set is closed; resolves then. */
  async run(): Promise<void> {
    const { context, params, closed, counters } = this.#around;
    const { deleteDanglingResourcesAfter: afterMs } = params;
    if (afterMs === 0) return;
    try {
      for (;;) {
        // What has been seen is looked at again when its time has come.
        const soon = this.#seenSinceMs.size > 0 ? afterMs : azureTimes.danglingEveryMs;
        await context.clock.sleep(Math.min(azureTimes.danglingEveryMs, Math.max(1_000, soon)), { signal: closed });
        await this.look().catch(() => {
          counters.removalFailures += 1;
        });
      }
    } catch {
      // Closed.
    }
  }

  /** One look, and the removals that are due. */
  async look(): Promise<void> {
    const nowMs = this.#around.context.clock.monotonicMs();
    const found = await this.#find();
    const keys = new Set(found.map(keyOf));
    for (const key of this.#seenSinceMs.keys()) if (!keys.has(key)) this.#seenSinceMs.delete(key);
    for (const one of found) {
      const sinceMs = this.#seenSinceMs.get(keyOf(one));
      if (sinceMs === undefined) this.#seenSinceMs.set(keyOf(one), nowMs);
      else if (nowMs - sinceMs >= this.#around.params.deleteDanglingResourcesAfter) await this.#remove(one);
    }
  }

  async #find(): Promise<readonly Dangling[]> {
    const { clients, params, closed } = this.#around;
    const { resourceGroup } = params;
    const options = { abortSignal: closed };
    const found: Dangling[] = [];
    await eachPage(clients.network.networkInterfaces.list(resourceGroup, options), closed, (one) => {
      const free = one.virtualMachine?.id === undefined;
      // A network interface carries our tags from its creation on; one without them is not ours.
      if (free && this.#isOurs(one.name, one.tags, false))
        found.push({ kind: 'networkInterface', name: one.name ?? '' });
    });
    await eachPage(clients.compute.disks.listByResourceGroup(resourceGroup, options), closed, (disk) => {
      const free = disk.managedBy === undefined && disk.diskState === 'Unattached';
      // A disk gets its VM's tags from Azure, if it does; its name is proof enough.
      if (free && this.#isOurs(disk.name, disk.tags, true)) found.push({ kind: 'disk', name: disk.name ?? '' });
    });
    return found;
  }

  #isOurs(name: string | undefined, tags: Tags | undefined, untaggedToo: boolean): boolean {
    const { context, tags: own } = this.#around;
    const vm = ownerOf(context.instanceSetId, name ?? '');
    if (vm === undefined || this.#launches.has(vm) || this.#removals.has(vm)) return false;
    const set = tagOf(tags, own.instanceSetId);
    return set === context.instanceSetId || (set === undefined && untaggedToo);
  }

  async #remove({ kind, name }: Dangling): Promise<void> {
    const { clients, params, closed, counters } = this.#around;
    const options = { abortSignal: closed };
    const poller: SdkPoller<void> =
      kind === 'disk'
        ? clients.compute.disks.delete(params.resourceGroup, name, options)
        : clients.network.networkInterfaces.delete(params.resourceGroup, name, options);
    try {
      await poller.submitted();
      this.#seenSinceMs.delete(keyOf({ kind, name }));
      if (kind === 'disk') counters.removedDisks += 1;
      else counters.removedInterfaces += 1;
    } catch {
      // In use again, or reserved for a while for the VM that it was made for: the next look sees.
      counters.removalFailures += 1;
    }
  }
}

function keyOf({ kind, name }: Dangling): string {
  return `${kind}/${name.toLowerCase()}`;
}
