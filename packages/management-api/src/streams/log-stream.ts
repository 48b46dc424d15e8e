import {
  type ContainerRecord,
  type ContainerStore,
  type ContainerUuid,
  DroverError,
  type LogStream,
} from '@drover/spec';
import { isFinal } from '../schemas/container-schemas.ts';
import type { EventFeed } from './event-feed.ts';
import type { Piece } from './pull-stream.ts';

export interface LogSourceOptions {
  readonly store: ContainerStore;
  readonly feed: EventFeed;
  readonly uuid: ContainerUuid;
  readonly stream: LogStream;
  readonly offset: number;
  /** The attempt. */
  readonly generation: number;
  /** Wait for more until the attempt has ended. */
  readonly follow: boolean;
  readonly pieceBytes: number;
  readonly storeTimeoutMs: number;
  /** Aborted when the API closes. */
  readonly closing: AbortSignal;
}

/** Log bytes appear without an event of their own, so a follower looks at least this often. */
const lookMs = 250;

/** The stored bytes of one stream of one attempt, piece by piece. */
export class LogSource {
  readonly #options: LogSourceOptions;
  #offset: number;
  #over: AbortSignal | undefined;

  constructor(options: LogSourceOptions) {
    this.#options = options;
    this.#offset = options.offset;
  }

  async next(gone: AbortSignal): Promise<Piece> {
    const { store, feed, uuid, stream, generation, follow, pieceBytes, closing } = this.#options;
    this.#over ??= AbortSignal.any([gone, closing]);
    const over = this.#over;
    while (!over.aborted) {
      const version = feed.version();
      // Asked before the bytes: what an ended attempt wrote is all there when the read that follows finds nothing.
      const ended = !follow || attemptEnded(await store.get(uuid, this.#call()), generation);
      const range = { offset: this.#offset, maxBytes: pieceBytes, generation };
      const bytes = await store.readLog(uuid, stream, range, this.#call());
      this.#offset += bytes.length;
      if (bytes.length > 0) return { bytes, end: false };
      if (ended) return { bytes, end: true };
      await feed.change(version, lookMs, over);
    }
    // Breaking off tells the client that there may be more; an orderly end would say that this was all.
    throw new DroverError('API_OVERLOADED', 'the log stream ends before the log does', { retryable: true });
  }

  #call(): { readonly signal: AbortSignal } {
    return { signal: AbortSignal.timeout(this.#options.storeTimeoutMs) };
  }
}

/** True when this attempt will write no more. */
export function attemptEnded(record: ContainerRecord, generation: number): boolean {
  if (isFinal(record.state) || record.generation > generation) return true;
  const attempt = record.attempts.find((known) => known.generation === generation);
  return attempt?.endedAtMs !== undefined;
}
