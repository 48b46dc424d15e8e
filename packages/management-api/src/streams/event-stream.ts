import type { Clock, ContainerEvent, ContainerUuid } from '@drover/spec';
import type { EventFeed } from './event-feed.ts';
import type { Piece } from './pull-stream.ts';

const encoder = new TextEncoder();

/** How long a browser waits before it comes back. */
const retryMs = 2_000;

/** Events as server-sent events, one page at a time. */
export class EventStreamSource {
  readonly #clock: Clock;
  readonly #feed: EventFeed;
  readonly #uuid: ContainerUuid | undefined;
  readonly #keepAliveMs: number;
  readonly #closing: AbortSignal;
  #after: number;
  #begun = false;
  #over: AbortSignal | undefined;

  constructor(options: {
    readonly clock: Clock;
    readonly feed: EventFeed;
    readonly after: number;
    readonly uuid: ContainerUuid | undefined;
    readonly keepAliveMs: number;
    /** Aborted when the API closes. */
    readonly closing: AbortSignal;
  }) {
    this.#clock = options.clock;
    this.#feed = options.feed;
    this.#after = options.after;
    this.#uuid = options.uuid;
    this.#keepAliveMs = options.keepAliveMs;
    this.#closing = options.closing;
  }

  /** The next page of events, or a sign of life when there is none for a while. */
  async next(gone: AbortSignal): Promise<Piece> {
    this.#over ??= AbortSignal.any([gone, this.#closing]);
    const over = this.#over;
    if (!this.#begun) {
      this.#begun = true;
      return piece(`retry: ${retryMs}\n\n`);
    }
    const silentUntilMs = this.#clock.monotonicMs() + this.#keepAliveMs;
    while (!over.aborted) {
      const version = this.#feed.version();
      const { events, next } = await this.#feed.read(this.#after, this.#uuid);
      const moved = next > this.#after;
      this.#after = next;
      if (events.length > 0) return piece(events.map(serverSentEvent).join(''));
      if (moved) continue;
      const leftMs = silentUntilMs - this.#clock.monotonicMs();
      if (leftMs <= 0) return piece(': still here\n\n');
      await this.#feed.change(version, leftMs, over);
    }
    return { bytes: encoder.encode(this.#last('closing', 'the dispatcher stops; come back later')), end: true };
  }

  /** What a client that did not keep up hears last. */
  readonly farewell = (): Uint8Array =>
    encoder.encode(this.#last('dropped', 'this client did not keep up; go on from lastEventId'));

  #last(event: string, message: string): string {
    return `event: ${event}\ndata: ${JSON.stringify({ message, lastEventId: this.#after })}\n\n`;
  }
}

/** Where a stream goes on: after the Last-Event-ID of a client that comes back, else after `after`. */
export function resumePoint(lastEventId: string | undefined, after: number | undefined): number | undefined {
  return lastEventId !== undefined && /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : after;
}

function serverSentEvent(event: ContainerEvent): string {
  return `id: ${event.sequence}\nevent: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`;
}

function piece(text: string): Piece {
  return { bytes: encoder.encode(text), end: false };
}
