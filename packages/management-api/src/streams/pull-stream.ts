import { type Clock, DroverError } from '@drover/spec';

/** One piece of a stream; `end` closes it after these bytes. */
export interface Piece {
  readonly bytes: Uint8Array;
  readonly end: boolean;
}

export interface PullStreamOptions {
  readonly clock: Clock;
  /** Makes the next piece; called only when the client has taken the one before. The signal: the client has gone. */
  readonly next: (gone: AbortSignal) => Promise<Piece>;
  /** A client that has not taken the last piece after this long is dropped. */
  readonly stallMs: number;
  /** Last words to a client that is dropped; without any the stream breaks off, so that nobody takes it for whole. */
  readonly farewell: (() => Uint8Array) | undefined;
  /** Cuts the connection, where there is one: for an end that is none, and for a client that does not take the last words. */
  readonly cut: (() => void) | undefined;
  /** Told why a stream broke off by itself. */
  readonly onBreak: (error: unknown) => void;
  /** Called once when the stream is over, whatever the reason. */
  readonly onEnd: () => void;
}

/**
 * A byte stream that holds one piece at a time: its source is asked again only when the client has taken the last one, so a slow
 * client costs no memory, and one that stalls is dropped.
 */
export function pullStream(options: PullStreamOptions): ReadableStream<Uint8Array> {
  const gone = new AbortController();
  let cancelStall = (): void => undefined;
  const end = (): void => {
    if (gone.signal.aborted) return;
    gone.abort();
    cancelStall();
    options.onEnd();
  };
  const drop = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    if (options.farewell === undefined)
      return breakOff(
        controller,
        new DroverError('API_OVERLOADED', 'the client does not keep up', { retryable: true }),
      );
    enqueue(controller, options.farewell());
    controller.close();
    end();
    options.clock.timer(options.stallMs, () => options.cut?.());
  };
  const breakOff = (controller: ReadableStreamDefaultController<Uint8Array>, error: unknown): void => {
    end();
    options.onBreak(error);
    if (options.cut === undefined) controller.error(error);
    else options.cut();
  };
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        cancelStall();
        try {
          const piece = await options.next(gone.signal);
          // The client may have gone while the piece was made.
          if (gone.signal.aborted) return;
          enqueue(controller, piece.bytes);
          cancelStall = options.clock.timer(options.stallMs, () => drop(controller));
          if (!piece.end) return;
          controller.close();
          end();
        } catch (error) {
          if (!gone.signal.aborted) breakOff(controller, error);
        }
      },
      cancel: end,
    },
    { highWaterMark: 1 },
  );
}

/** The standard refuses empty pieces of nothing but confusion: they would count as taken. */
function enqueue(controller: ReadableStreamDefaultController<Uint8Array>, bytes: Uint8Array): void {
  if (bytes.length > 0) controller.enqueue(bytes);
}
