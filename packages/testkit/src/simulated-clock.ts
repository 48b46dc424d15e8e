import type { CancelTimer, Clock } from '@drover/spec';
import { TimerHeap } from './timer-heap.ts';

/** How a simulated clock starts. */
export interface SimulatedClockOptions {
  /** Wall time at monotonic 0; default 2026-01-01T00:00:00Z. */
  readonly wallStartMs?: number;
  /** Draws the order of timers that are due at the same instant; default: order of creation. */
  readonly tieBreak?: () => number;
}

/**
 * A clock that moves only when told to. Owns its timers: `step` runs the next one, `advance` runs all that fall due.
 * Between two timers all pending promise reactions run, so that code under test sees one thing happen at a time.
 */
export class SimulatedClock implements Clock {
  readonly #wallStartMs: number;
  readonly #tieBreak: (() => number) | undefined;
  readonly #heap = new TimerHeap();
  #nowMs = 0;
  #wallOffsetMs = 0;
  #created = 0;

  constructor(options: SimulatedClockOptions = {}) {
    this.#wallStartMs = options.wallStartMs ?? Date.UTC(2026, 0, 1);
    this.#tieBreak = options.tieBreak;
  }

  wallMs(): number {
    return this.#wallStartMs + this.#wallOffsetMs + this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  /** Makes the wall clock jump, as NTP or an operator would; monotonic time goes on undisturbed. */
  jumpWall(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  timer(delayMs: number, callback: () => void): CancelTimer {
    this.#created += 1;
    const timer = {
      atMs: this.#nowMs + Math.max(0, delayMs),
      tieBreak: this.#tieBreak === undefined ? this.#created : this.#tieBreak(),
      callback,
      index: -1,
    };
    this.#heap.push(timer);
    return () => this.#heap.remove(timer);
  }

  sleep(ms: number, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    const { signal } = options;
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(toError(signal.reason));
        return;
      }
      const onAbort = (): void => {
        cancel();
        reject(toError(signal?.reason));
      };
      const cancel = this.timer(ms, () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** When the next timer falls due, or undefined when there is none. */
  nextAtMs(): number | undefined {
    return this.#heap.first?.atMs;
  }

  /** Moves to the next timer and runs it; false when there is none. Promise reactions are up to the caller (`settle`). */
  step(): boolean {
    const timer = this.#heap.pop();
    if (timer === undefined) return false;
    this.#nowMs = timer.atMs;
    timer.callback();
    return true;
  }

  /** Runs everything that falls due within `ms`, settling promises in between, and ends exactly `ms` later. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await settle();
    for (let next = this.nextAtMs(); next !== undefined && next <= untilMs; next = this.nextAtMs()) {
      this.step();
      await settle();
    }
    this.#nowMs = untilMs;
  }
}

/** Resolves once every promise reaction that is ready now, and those they cause, have run. */
export function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('aborted', { cause: reason });
}
