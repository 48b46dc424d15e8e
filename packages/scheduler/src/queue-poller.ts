import type { CancelTimer, Clock, ContainerQueue, Unsubscribe } from '@drover/spec';
import type { QueueCalls } from './queue-calls.ts';
import type { QueueMirror } from './queue-mirror.ts';

/** What the poller works with. */
export interface PollerPorts {
  readonly queue: Pick<ContainerQueue, 'poll' | 'onWake'>;
  readonly clock: Clock;
  readonly mirror: QueueMirror;
  readonly calls: QueueCalls;
  readonly pollIntervalMs: number;
  /** The mirror is up to date, or the poll failed with `error`. */
  readonly onPolled: (error: unknown) => void;
}

/** Keeps the mirror fresh: polls one after another, sooner when the queue says that something changed. */
export class QueuePoller {
  readonly #ports: PollerPorts;
  #unsubscribe: Unsubscribe | undefined;
  #cancelTimer: CancelTimer = () => undefined;
  #polling = false;
  #askedAgain = false;
  #stopped = false;
  #lastBeganMs: number | undefined;
  #earliestNextMs = Number.NEGATIVE_INFINITY;
  #failing = false;

  constructor(ports: PollerPorts) {
    this.#ports = ports;
  }

  /** Monotonic start of the last poll that succeeded. */
  get lastBeganMs(): number | undefined {
    return this.#lastBeganMs;
  }

  /** The last poll failed. */
  get failing(): boolean {
    return this.#failing;
  }

  start(): void {
    this.#unsubscribe = this.#ports.queue.onWake(() => this.pollSoon());
    void this.#poll();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTimer();
    this.#unsubscribe?.();
  }

  /** At once, but never more than half of the time and not while the queue fails; the present poll may be too old to tell. */
  pollSoon(): void {
    if (this.#polling) this.#askedAgain = true;
    else if (!this.#failing) this.#pollIn(this.#earliestNextMs - this.#ports.clock.monotonicMs());
  }

  #pollIn(delayMs: number): void {
    this.#cancelTimer();
    if (this.#stopped) return;
    if (delayMs <= 0) void this.#poll();
    else this.#cancelTimer = this.#ports.clock.timer(delayMs, () => void this.#poll());
  }

  async #poll(): Promise<void> {
    const { queue, clock, mirror, calls, pollIntervalMs, onPolled } = this.#ports;
    this.#polling = true;
    this.#askedAgain = false;
    const beganMs = clock.monotonicMs();
    const ticket = mirror.pollBegins(clock.wallMs());
    let failure: unknown;
    try {
      const update = await calls.call('poll', (options) => queue.poll(mirror.cursor, options));
      if (this.#stopped) return;
      mirror.applyPoll(ticket, update);
      this.#lastBeganMs = beganMs;
    } catch (error) {
      failure = error;
    }
    this.#polling = false;
    this.#failing = failure !== undefined;
    if (this.#stopped) return;
    const tookMs = clock.monotonicMs() - beganMs;
    this.#earliestNextMs = clock.monotonicMs() + tookMs;
    if (this.#failing) this.#pollIn(Math.max(1000, pollIntervalMs / 10));
    else if (this.#askedAgain) this.#pollIn(tookMs);
    else this.#pollIn(Math.max(pollIntervalMs, tookMs));
    onPolled(failure);
  }
}
