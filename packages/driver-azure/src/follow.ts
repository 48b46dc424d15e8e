import type { DroverError, LaunchFailure } from '@drover/spec';
import { azureTimes } from './azure-options.ts';
import { mapError } from './map-error.ts';
import { isRequestError, untilDone } from './operation.ts';
import type { Removals } from './removals.ts';
import type { SdkPoller, SdkVm } from './sdk-subset.ts';
import type { AzureSurroundings } from './surroundings.ts';

/** A VM that Azure has accepted. */
export interface Launch {
  readonly vm: string;
  readonly createId: string;
  readonly offeringId: string;
  readonly zone: string;
  readonly inZone: boolean;
}

/** Follows creates to their end in the background. A listing tells of those that failed; what they left is removed. */
export class Launches {
  readonly #around: AzureSurroundings;
  readonly #removals: Removals;
  readonly #running = new Map<string, Promise<void>>();
  /** Failures that were told, until what they left is removed. */
  readonly #told = new Set<string>();
  readonly #acceptedAtMs = new Map<string, number>();
  #failures: LaunchFailure[] = [];

  constructor(around: AzureSurroundings, removals: Removals) {
    this.#around = around;
    this.#removals = removals;
  }

  /** Whether Azure still creates the VM, as far as is known here. */
  has(vm: string): boolean {
    return this.#running.has(vm);
  }

  /** Whether it was accepted so recently that Azure may deny it by mistake. */
  isFresh(vm: string): boolean {
    const atMs = this.#acceptedAtMs.get(vm);
    return atMs !== undefined && this.#around.context.clock.monotonicMs() - atMs < azureTimes.visibleWithinMs;
  }

  /** Notes that it is to go: that its create comes to nothing is no failure then. */
  forget(vm: string): void {
    this.#acceptedAtMs.delete(vm);
    this.#running.delete(vm);
  }

  follow(launch: Launch, poller: SdkPoller<SdkVm>): void {
    this.#forgetOld();
    this.#acceptedAtMs.set(launch.vm, this.#around.context.clock.monotonicMs());
    const following: Promise<void> = this.#untilEnd(
      launch,
      poller,
      (): boolean => this.#running.get(launch.vm) === following,
    ).finally(() => {
      if (this.#running.get(launch.vm) === following) this.#running.delete(launch.vm);
    });
    this.#running.set(launch.vm, following);
  }

  /** A launch that came to nothing: told once, and what it left is removed. */
  failed({ vm, createId, offeringId, zone }: Launch, error: DroverError): void {
    if (!this.#told.has(vm)) {
      this.#failures.push({ createId, offeringId, instanceId: vm, error });
      this.#around.counters.start(zone, false);
    }
    this.#told.add(vm);
    this.forget(vm);
    void this.#removals.start(vm).then((removed) => removed && this.#told.delete(vm));
  }

  /** Failures that no listing has told yet. */
  takeFailures(): readonly LaunchFailure[] {
    const taken = this.#failures;
    this.#failures = [];
    return taken;
  }

  /** Resolves when nothing is under way; call it once the set is closed. */
  async settled(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  async #untilEnd(launch: Launch, poller: SdkPoller<SdkVm>, isWanted: () => boolean): Promise<void> {
    const { context, closed, counters } = this.#around;
    try {
      await untilDone(poller, context.clock, {
        signal: closed,
        deadlineMs: Number.POSITIVE_INFINITY,
        // Many at once share the looks.
        everyMs: () => Math.max(azureTimes.followEveryMs, (this.#running.size / azureTimes.followsPerSecond) * 1_000),
      });
      counters.start(launch.zone, true);
    } catch (error) {
      // A look that failed says nothing about the VM; the listing sees what becomes of it.
      if (closed.aborted || isRequestError(error) || !isWanted()) return;
      const { vm, inZone } = launch;
      this.failed(launch, mapError(error, { doing: `create ${vm}`, nowMs: context.clock.wallMs(), inZone }));
    }
  }

  #forgetOld(): void {
    for (const vm of this.#acceptedAtMs.keys()) if (!this.isFresh(vm)) this.#acceptedAtMs.delete(vm);
  }
}
