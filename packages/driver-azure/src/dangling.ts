import { NotFoundError, type Tags } from '@drover/spec';
import { azureTimes } from './azure-options.ts';
import type { Launches } from './follow.ts';
import { mapError } from './map-error.ts';
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
  /** The VM that it was made for. */
  readonly vm: string;
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
      const vm = free ? this.#ownerOf(one.name, one.tags, false) : undefined;
      if (vm !== undefined) found.push({ kind: 'networkInterface', name: one.name ?? '', vm });
    });
    await eachPage(clients.compute.disks.listByResourceGroup(resourceGroup, options), closed, (disk) => {
      const free = disk.managedBy === undefined && disk.diskState === 'Unattached';
      // A disk gets its VM's tags from Azure, if it does; its name is proof enough.
      const vm = free ? this.#ownerOf(disk.name, disk.tags, true) : undefined;
      if (vm !== undefined) found.push({ kind: 'disk', name: disk.name ?? '', vm });
    });
    return found;
  }

  /** The VM of this set that it was made for; undefined when it is another's, or when that VM is just being made or removed. */
  #ownerOf(name: string | undefined, tags: Tags | undefined, untaggedToo: boolean): string | undefined {
    const { context, tags: own } = this.#around;
    const vm = ownerOf(context.instanceSetId, name ?? '');
    if (vm === undefined || this.#launches.has(vm) || this.#removals.has(vm)) return undefined;
    const set = tagOf(tags, own.instanceSetId);
    return set === context.instanceSetId || (set === undefined && untaggedToo) ? vm : undefined;
  }

  async #remove({ kind, name, vm }: Dangling): Promise<void> {
    const { clients, params, closed, counters } = this.#around;
    const options = { abortSignal: closed };
    if (await this.#mayExist(vm)) return;
    const poller: SdkPoller<void> =
      kind === 'disk'
        ? clients.compute.disks.delete(params.resourceGroup, name, options)
        : clients.network.networkInterfaces.delete(params.resourceGroup, name, options);
    try {
      await poller.submitted();
      this.#seenSinceMs.delete(keyOf({ kind, name, vm }));
      if (kind === 'disk') counters.removedDisks += 1;
      else counters.removedInterfaces += 1;
    } catch {
      // In use again, or reserved for a while for the VM that it was made for: the next look sees.
      counters.removalFailures += 1;
    }
  }

  /** Only what Azure denies does not exist: a process before this one may be making it. */
  async #mayExist(vm: string): Promise<boolean> {
    const { clients, params, context, closed } = this.#around;
    try {
      await clients.compute.virtualMachines.get(params.resourceGroup, vm, { abortSignal: closed });
      return true;
    } catch (error) {
      const mapped = mapError(error, { doing: `look for ${vm}`, nowMs: context.clock.wallMs() });
      return !(mapped instanceof NotFoundError);
    }
  }
}

function keyOf({ kind, name }: Dangling): string {
  return `${kind}/${name.toLowerCase()}`;
}
