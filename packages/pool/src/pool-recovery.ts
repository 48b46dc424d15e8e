import type { BehaviorDecision, Clock, CreateIntent, HostKeys, InstanceId, StateStore } from '@drover/spec';
import { withDeadline } from '@drover/throttle';

/** What a former dispatcher left in the store. */
export interface Remembered {
  readonly pins: ReadonlyMap<InstanceId, HostKeys>;
  readonly behaviors: ReadonlyMap<InstanceId, BehaviorDecision>;
  readonly intents: readonly CreateIntent[];
}

const storeTimeoutMs = 30_000;
const retryMs = 5_000;

/** Reads the store, again and again until it answers; rejects with the signal's reason. `onFailure` hears each failure. */
export async function readStore(
  store: StateStore,
  { clock, signal, onFailure }: { clock: Clock; signal: AbortSignal; onFailure: (error: unknown) => void },
): Promise<Remembered> {
  const timeoutError = (): Error => new Error(`The state store did not answer within ${storeTimeoutMs / 1_000} s.`);
  for (;;) {
    try {
      return await withDeadline({ clock, timeoutMs: storeTimeoutMs, signal, timeoutError }, async (s) => ({
        pins: await store.pins({ signal: s }),
        behaviors: await store.behaviors({ signal: s }),
        intents: await store.intents({ signal: s }),
      }));
    } catch (error) {
      signal.throwIfAborted();
      onFailure(error);
      await clock.sleep(retryMs, { signal });
    }
  }
}
