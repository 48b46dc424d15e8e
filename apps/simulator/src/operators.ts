import type { IdleBehavior, InstanceId } from '@drover/spec';
import type { SeededRandom } from '@drover/testkit';
import { pick } from './chaos.ts';
import type { World } from './world.ts';

/** People who hold, drain and kill VMs through whatever dispatcher is there. */
export class Operators {
  readonly #world: World;
  readonly #wanted = new Map<InstanceId, IdleBehavior>();
  readonly #wantedAtMs = new Map<InstanceId, number>();
  readonly #killed = new Set<InstanceId>();

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
    this.#set(id, behavior);
    return true;
  }

  /** Lets every VM go that was held. What is asked of a dispatcher that is not there is asked again of the next. */
  release(): void {
    for (const [id, behavior] of this.#wanted) if (behavior === 'hold') this.#set(id, 'run');
    const left = [...this.#wanted.values()].includes('hold');
    const heldByTag = this.#world.vms.living.filter((vm) => Object.values(vm.tags).includes('hold'));
    for (const { id } of heldByTag) this.#set(id, 'run');
    if (left || heldByTag.length > 0) this.#world.clock.timer(60_000, () => this.release());
  }

  #set(id: InstanceId, behavior: IdleBehavior): void {
    const outcome = this.#dispatcher()?.pool.setBehavior(id, behavior, 'an operator wants it so');
    if (outcome?.kind === 'done') {
      this.#wanted.set(id, behavior);
      this.#wantedAtMs.set(id, this.#world.clock.monotonicMs());
    } else if (outcome?.kind === 'declined' && outcome.reason === 'not-found' && this.#world.isHealed)
      this.#wanted.delete(id);
  }

  #dispatcher() {
    return this.#world.readyDispatcher?.dispatcher;
  }
}
