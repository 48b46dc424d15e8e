import type { Clock } from '@drover/spec';
import { onAbort } from './abortable.ts';

/** A signal that is aborted by the caller's signal or by a time limit, whichever comes first. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Stops the timer and lets go of the caller's signal; must be called when the work is over. */
  dispose(): void;
}

/** `expired` makes the error at the moment the time is over, so that it can say what was being waited for. */
export function startDeadline(options: {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly expired: () => Error;
}): Deadline {
  const controller = new AbortController();
  const cancelTimer = options.clock.timer(options.timeoutMs, () => controller.abort(options.expired()));
  const stop = onAbort(options.signal, (reason) => controller.abort(reason));
  return {
    signal: controller.signal,
    dispose: () => {
      cancelTimer();
      stop();
    },
  };
}
