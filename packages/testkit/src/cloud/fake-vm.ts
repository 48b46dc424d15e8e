import type { HostKeys, Instance, InstanceId, InstanceLifecycle, LaunchFailure, Offering, Tags } from '@drover/spec';
import type { VmBoot } from './fake-cloud-options.ts';

/** How many states of a VM a lagging listing can look back on. */
const historyLength = 8;

interface PastState {
  readonly sinceMs: number;
  readonly instance: Instance;
}

/** One VM of the simulated cloud: what is true of it now, and what was. Times are monotonic. */
export class FakeVm {
  readonly boot: VmBoot;
  readonly offering: Offering | undefined;
  /** Belongs to nobody whom we know: whoever touches it is wrong. */
  readonly foreign: boolean;
  /** Absent from listings until then. */
  hiddenUntilMs = Number.NEGATIVE_INFINITY;
  runningSinceMs: number | undefined;
  failure: LaunchFailure | undefined;
  /** What the cloud says when it is asked for host keys. */
  publishedKeys: HostKeys;
  #history: readonly PastState[];

  constructor(
    instance: Instance,
    nowMs: number,
    origin: { readonly boot: VmBoot; readonly offering?: Offering; readonly foreign: boolean },
  ) {
    this.boot = origin.boot;
    this.offering = origin.offering;
    this.foreign = origin.foreign;
    this.publishedKeys = origin.boot.hostKeys;
    this.#history = [{ sinceMs: nowMs, instance }];
  }

  get instance(): Instance {
    const last = this.#history[0];
    if (last === undefined) throw new Error('a VM always has a state');
    return last.instance;
  }

  get id(): InstanceId {
    return this.instance.id;
  }

  get lifecycle(): InstanceLifecycle {
    return this.instance.lifecycle;
  }

  /** A new state from now on; instances are immutable, so listings made before keep what they saw. */
  change(
    nowMs: number,
    changes: { readonly lifecycle?: InstanceLifecycle; readonly tags?: Tags; readonly address?: string },
  ): void {
    const next = { sinceMs: nowMs, instance: { ...this.instance, ...changes } };
    this.#history = [next, ...this.#history.slice(0, historyLength - 1)];
  }

  /** What it was at that time; undefined before it existed. */
  at(timeMs: number): Instance | undefined {
    return this.#history.find((state) => state.sinceMs <= timeMs)?.instance;
  }
}

/** Whether an instance carries all of these tags. */
export function hasTags(instance: Instance, tags: readonly (readonly [string, string])[]): boolean {
  for (const [key, value] of tags) if (instance.tags[key] !== value) return false;
  return true;
}
