import type { IdleBehavior, InstanceId } from '@drover/spec';
import type { SeededRandom } from '@drover/testkit';
import { pick } from './pick.ts';
import type { World } from './world.ts';

/**
 * People who hold, drain and kill VMs through whatever dispatcher is there. What they want counts from the moment when they are told
 * that it was done; as long as they are not, nothing can be said about the VM.
 */
export class Operators {
  readonly #world: World;
  readonly #wanted = new Map<InstanceId, IdleBehavior>();
  readonly #wantedAtMs = new Map<InstanceId, number>();
  readonly #killed = new Set<InstanceId>();
  /** Asked to be held at some time, and not let go for certain: an answer may have been lost. */
  readonly #perhapsHeld = new Set<InstanceId>();

  constructor(world: World) {
    this.#world = world;
  }

  /** The last behaviour that was asked for and accepted. */
  wanted(id: InstanceId): IdleBehavior | undefined {
    return this.#wanted.get(id);
  }

  /** When that was. */
  wantedAtMs(id: InstanceId): number | undefined {
    return this.#wantedAtMs.get(id);
  }

  hasKilled(id: InstanceId): boolean {
    return this.#killed.has(id);
  }

  /** Does something to some VM; false when there is none, or nobody to ask. */
  act(random: SeededRandom): boolean {
    const dispatcher = this.#dispatcher();
    const known = dispatcher?.pool.instances().filter((view) => view.instanceId !== '') ?? [];
    const id = pick(known, random)?.instanceId;
    if (dispatcher === undefined || id === undefined) return false;
    if (random.chance(0.15)) {
      dispatcher.pool.killInstance(id, 'an operator wants it so');
      this.#killed.add(id);
      return true;
    }
    const behavior = pick(['hold', 'drain', 'run'] as const, random) ?? 'run';
    void this.#set(id, behavior);
    return true;
  }

  /** Lets every VM go that was held. What is asked of a dispatcher that is not there is asked again of the next. */
  release(): void {
    const heldByTag = this.#world.vms.living.filter((vm) => Object.values(vm.tags).includes('hold'));
    for (const { id } of heldByTag) this.#perhapsHeld.add(id);
    for (const id of this.#perhapsHeld) void this.#set(id, 'run');
    if (this.#perhapsHeld.size > 0) this.#world.clock.timer(60_000, () => this.release());
  }

  async #set(id: InstanceId, behavior: IdleBehavior): Promise<void> {
    const dispatcher = this.#dispatcher();
    if (dispatcher === undefined) return;
    this.#wanted.delete(id);
    if (behavior === 'hold') this.#perhapsHeld.add(id);
    try {
      const outcome = await dispatcher.pool.setBehavior(id, behavior, 'an operator wants it so');
      if (outcome.kind === 'done') {
        this.#wanted.set(id, behavior);
        this.#wantedAtMs.set(id, this.#world.clock.monotonicMs());
      }
      // A VM that the dispatcher does not know (any more) may come back while the world is not healed.
      const isGone = outcome.kind === 'declined' && this.#world.isHealed;
      if (isGone || (outcome.kind === 'done' && behavior !== 'hold')) this.#perhapsHeld.delete(id);
    } catch {
      // The queue did not take it, or its answer was lost.
    }
  }

  #dispatcher() {
    return this.#world.readyDispatcher?.dispatcher;
  }
}
