import type { RunnerEvent } from '@drover/spec';

/** Where events go. `offer` says false when it cannot take more now; it is offered the rest later, in order. */
export interface EventSink {
  offer(line: string, event: RunnerEvent): boolean;
}

interface Subscription {
  readonly sink: EventSink;
  /** The last event it took. */
  sequence: number;
  behind: boolean;
}

/**
 * The events that a dispatcher may still need: those of runs that are not acknowledged, and what the VM reports about itself.
 * So it is bounded by what lies on the VM, and nothing is ever dropped that was not settled.
 */
export class Outbox {
  /** By sequence. Built when sent again, because inline logs are not worth keeping in memory. */
  readonly #retained = new Map<number, () => RunnerEvent>();
  readonly #subscriptions = new Set<Subscription>();

  /** Keeps an event of the agent's previous life, whose number is given already. */
  restore(sequence: number, build: () => RunnerEvent): void {
    this.#retained.set(sequence, build);
  }

  /** Keeps an event and sends it to all that keep up. */
  emit(sequence: number, build: () => RunnerEvent): void {
    this.#retained.set(sequence, build);
    if (this.#subscriptions.size === 0) return;
    const event = build();
    const line = JSON.stringify(event);
    for (const subscription of this.#subscriptions) {
      if (!subscription.behind) deliver(subscription, event, line);
    }
  }

  /** It is settled: nobody needs it any more. */
  drop(sequence: number | undefined): void {
    if (sequence !== undefined) this.#retained.delete(sequence);
  }

  /** Sends what comes after `afterSequence`, then everything new. Returns what ends it. */
  subscribe(sink: EventSink, afterSequence: number): { resume(): void; end(): void } {
    const subscription: Subscription = { sink, sequence: afterSequence, behind: true };
    this.#subscriptions.add(subscription);
    return {
      resume: () => this.#catchUp(subscription),
      end: () => {
        this.#subscriptions.delete(subscription);
      },
    };
  }

  #catchUp(subscription: Subscription): void {
    if (!subscription.behind || !this.#subscriptions.has(subscription)) return;
    subscription.behind = false;
    const missing = [...this.#retained].filter(([sequence]) => sequence > subscription.sequence);
    missing.sort(([a], [b]) => a - b);
    for (const [, build] of missing) {
      const event = build();
      deliver(subscription, event, JSON.stringify(event));
      if (subscription.behind) return;
    }
  }
}

function deliver(subscription: Subscription, event: RunnerEvent, line: string): void {
  subscription.sequence = event.sequence;
  subscription.behind = !subscription.sink.offer(line, event);
}
