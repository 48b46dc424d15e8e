import {
  type CallOptions,
  type CallRate,
  type Clock,
  type CloudOperation,
  type CreateRequest,
  type CreateResult,
  type HostKeys,
  type Instance,
  type InstanceId,
  type InstanceSet,
  type Listing,
  type Observe,
  RateLimitError,
  type Tags,
  TransientCloudError,
} from '@drover/spec';
import { classifyCloudError, toError } from './cloud-error.ts';
import { PermitQueue } from './permit-queue.ts';
import { heldForMs, holdAfterOtherAnswer, holdAfterRateLimit, noHold, type RateLimitHold } from './rate-limit-hold.ts';
import type { ThrottleOptions } from './throttle-options.ts';
import { tokenRate } from './token-bucket.ts';
import { WakeTimers } from './wake-timers.ts';
import { withDeadline } from './with-deadline.ts';

/** What the decorator needs beside the set. */
export interface ThrottleContext {
  readonly clock: Clock;
  readonly observe: Observe;
  readonly options: Pick<ThrottleOptions, 'maxCloudOpsPerSecond' | 'firstBackoffMs' | 'maxBackoffMs' | 'deadlineMs'>;
  /** Called when a hold ends. */
  readonly onWake: () => void;
}

/** What a create may wait for. */
export interface ThrottledCreateOptions extends CallOptions {
  /** Asked when the call could go out, after it has waited for its permits: what was learnt meanwhile may speak against it. */
  readonly objection?: () => Error | undefined;
}

/** An instance set that keeps to the cloud's rate limits. */
export interface ThrottledInstanceSet extends InstanceSet {
  /** As the set's own. Rejects with what `objection` gives, and asks the cloud nothing, when there is one in the end. */
  create(request: CreateRequest, options: ThrottledCreateOptions): Promise<readonly CreateResult[]>;
  /** How much longer calls of this kind are held; 0: not held. */
  heldForMs(operation: CloudOperation): number;
}

/**
 * Wraps a naive driver: every verb waits for its hold, for a permit of its own bucket where the driver names a rate, and for one
 * of the common bucket, gets a deadline, and reports a `cloud-call` event. `create` alone does not wait for a hold but rejects with RateLimitError at once: whether that VM is
 * still wanted when the hold ends is for the scheduler to say.
 */
export function throttled(instanceSet: InstanceSet, context: ThrottleContext): ThrottledInstanceSet {
  const callRates = instanceSet.callRates?.bind(instanceSet);
  const gate = new CallGate(context, callRates?.() ?? {});
  const hostKeys = instanceSet.hostKeys?.bind(instanceSet);
  const quotaGroup = instanceSet.quotaGroup?.bind(instanceSet);
  const priceHistory = instanceSet.priceHistory?.bind(instanceSet);
  return {
    offerings: (type) => instanceSet.offerings(type),
    create: (request: CreateRequest, { signal: outer, objection }: ThrottledCreateOptions) =>
      gate.call('Create', outer, (signal) => instanceSet.create(request, { signal }), objection),
    list: (tags: Tags, options: CallOptions): Promise<Listing> =>
      gate.call('List', options.signal, (signal) => instanceSet.list(tags, { signal })),
    describe: (id: InstanceId, options: CallOptions): Promise<Instance | 'gone'> =>
      gate.call('Describe', options.signal, (signal) => instanceSet.describe(id, { signal })),
    destroy: (instance: Instance, options: CallOptions): Promise<void> =>
      gate.call('Destroy', options.signal, (signal) => instanceSet.destroy(instance, { signal })),
    setTags: (instance: Instance, tags: Tags, options: CallOptions): Promise<void> =>
      gate.call('SetTags', options.signal, (signal) => instanceSet.setTags(instance, tags, { signal })),
    ...(hostKeys === undefined
      ? {}
      : {
          hostKeys: (id: InstanceId, options: CallOptions): Promise<HostKeys> =>
            gate.call('HostKeys', options.signal, (signal) => hostKeys(id, { signal })),
        }),
    ...(quotaGroup === undefined ? {} : { quotaGroup }),
    ...(callRates === undefined ? {} : { callRates }),
    ...(priceHistory === undefined ? {} : { priceHistory }),
    heldForMs: (operation) => gate.heldForMs(operation),
    close: () => {
      gate.close();
      return instanceSet.close();
    },
  };
}

/** Who goes first when permits are short: the calls that everything else waits for. */
const rank: Readonly<Record<CloudOperation, number>> = {
  List: 0,
  Create: 0,
  Destroy: 1,
  SetTags: 2,
  Describe: 2,
  HostKeys: 3,
};

class CallGate {
  readonly #context: ThrottleContext;
  readonly #timers: WakeTimers;
  readonly #holds = new Map<CloudOperation, RateLimitHold>();
  readonly #permits: PermitQueue;
  readonly #ownPermits: ReadonlyMap<string, PermitQueue>;

  constructor(context: ThrottleContext, rates: Readonly<Record<string, CallRate>>) {
    const { clock, options } = context;
    this.#context = context;
    this.#permits = new PermitQueue(clock, tokenRate(options.maxCloudOpsPerSecond));
    this.#ownPermits = new Map(Object.entries(rates).map(([verb, rate]) => [verb, new PermitQueue(clock, rate)]));
    this.#timers = new WakeTimers(context.clock, context.onWake);
  }

  heldForMs(operation: CloudOperation): number {
    return heldForMs(this.#holds.get(operation) ?? noHold, this.#context.clock.monotonicMs());
  }

  async call<T>(
    operation: CloudOperation,
    signal: AbortSignal,
    perform: (signal: AbortSignal) => Promise<T>,
    objection?: () => Error | undefined,
  ): Promise<T> {
    await this.#admit(operation, signal);
    const why = objection?.();
    if (why !== undefined) throw why;
    const { clock, options } = this.#context;
    const timeoutMs = options.deadlineMs[operation];
    const startedAtMs = clock.monotonicMs();
    try {
      const timeoutError = (): Error =>
        new TransientCloudError(
          `The cloud did not answer ${operation} within ${timeoutMs / 1_000} s; whether it took effect is not known.`,
        );
      const value = await withDeadline({ clock, timeoutMs, signal, timeoutError }, perform);
      this.#answered(operation, startedAtMs, undefined);
      return value;
    } catch (thrown) {
      const error = toError(thrown);
      // Given up by its caller (at a stop, say): the cloud has said nothing.
      if (!signal.aborted || thrown !== signal.reason) this.#answered(operation, startedAtMs, error);
      throw error;
    }
  }

  close(): void {
    this.#timers.close();
    this.#permits.close();
    for (const permits of this.#ownPermits.values()) permits.close();
  }

  async #admit(operation: CloudOperation, signal: AbortSignal): Promise<void> {
    const { clock } = this.#context;
    for (;;) {
      signal.throwIfAborted();
      const heldMs = this.heldForMs(operation);
      if (heldMs > 0) {
        if (operation === 'Create')
          throw new RateLimitError(
            `Creates are held for another ${Math.ceil(heldMs / 1_000)} s: the cloud limits their rate.`,
            {
              retryAfterMs: heldMs,
            },
          );
        await clock.sleep(heldMs, { signal });
        continue;
      }
      // The scarcer one first, so that nobody sits on a common permit while it waits.
      await this.#ownPermits.get(operation)?.take(0, signal);
      await this.#permits.take(rank[operation], signal);
      // A hold may have begun while this call waited for its permits.
      if (this.heldForMs(operation) === 0) return;
    }
  }

  #answered(operation: CloudOperation, startedAtMs: number, error: Error | undefined): void {
    const { clock, observe, options } = this.#context;
    const nowMs = clock.monotonicMs();
    const durationMs = nowMs - startedAtMs;
    observe({ type: 'cloud-call', operation, durationMs, ...(error === undefined ? {} : { error }) });
    const hold = this.#holds.get(operation) ?? noHold;
    const failure = error === undefined ? undefined : classifyCloudError(error);
    if (error === undefined || failure?.kind !== 'rate-limit') {
      this.#holds.set(operation, holdAfterOtherAnswer(hold));
      return;
    }
    const next = holdAfterRateLimit(hold, failure.retryAfterMs, nowMs, options);
    this.#holds.set(operation, next);
    observe({ type: 'cloud-hold', operation, untilMs: clock.wallMs() + heldForMs(next, nowMs), error });
    this.#timers.wakeAt(operation, next.untilMs);
  }
}
