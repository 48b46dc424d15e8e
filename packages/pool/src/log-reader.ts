import { type CancelTimer, type Clock, type LineChannel, type LogChunk, type LogStream } from '@drover/spec';
import { RunnerChannel, unexpectedReply } from './runner-channel.ts';

/** Where log bytes come from. */
export interface LogReaderContext {
  readonly clock: Clock;
  readonly replyTimeoutMs: number;
  /** Opens a channel to the runner, within its own deadline. */
  readonly open: () => Promise<LineChannel>;
}

/** What to read. */
export interface LogPiece {
  readonly uuid: string;
  readonly generation: number;
  readonly stream: LogStream;
  readonly offset: number;
  readonly maxBytes: number;
}

/** A channel without reads is closed after this long. */
const idleMs = 10_000;
/** Base64 of this fits well into a line. */
const maxPieceBytes = 512 * 1024;

/** Reads stored logs of one VM on a channel of its own, so that they never hold up a start or a kill. */
export class LogReader {
  readonly #context: LogReaderContext;
  #channel: Promise<RunnerChannel> | undefined;
  #reads = 0;
  #cancelIdle: CancelTimer = () => undefined;
  #closed = false;

  constructor(context: LogReaderContext) {
    this.#context = context;
  }

  /** Rejects with executor errors, or RUNNER_REFUSED when the runner does not have the log. */
  async read(piece: LogPiece): Promise<LogChunk> {
    this.#reads += 1;
    this.#cancelIdle();
    try {
      const channel = await (this.#channel ??= this.#open());
      return await ask(channel, piece);
    } finally {
      this.#reads -= 1;
      if (this.#reads === 0 && !this.#closed)
        this.#cancelIdle = this.#context.clock.timer(idleMs, () => this.#closeChannel());
    }
  }

  /** Ends all reads; there will be no more. */
  close(): void {
    this.#closed = true;
    this.#closeChannel();
  }

  #closeChannel(): void {
    this.#cancelIdle();
    const channel = this.#channel;
    this.#channel = undefined;
    channel?.then((opened) => opened.close()).catch(() => undefined);
  }

  async #open(): Promise<RunnerChannel> {
    const { clock, replyTimeoutMs, open } = this.#context;
    try {
      const line = await open();
      return new RunnerChannel(line, {
        clock,
        // It holds no lease, so it renews none.
        renewMs: Number.POSITIVE_INFINITY,
        replyTimeoutMs,
        afterSequence: 0,
        onEvent: () => undefined,
        onCongestion: () => undefined,
        onClose: () => {
          this.#channel = undefined;
        },
      });
    } catch (error) {
      this.#channel = undefined;
      throw error;
    }
  }
}

function ask(channel: RunnerChannel, { maxBytes, ...piece }: LogPiece): Promise<LogChunk> {
  return new Promise((resolve, reject) => {
    channel.request({ type: 'logs', ...piece, maxBytes: Math.min(maxBytes, maxPieceBytes) }, (reply) => {
      if (reply instanceof Error) reject(reply);
      else if (reply.type !== 'logs') reject(unexpectedReply('logs', reply));
      else resolve({ stream: piece.stream, offset: reply.offset, bytes: Buffer.from(reply.base64, 'base64') });
    });
  });
}
