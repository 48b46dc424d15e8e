import { ConnectError, type LineChannel, type Unsubscribe } from '@drover/spec';
import type { Duplex } from 'node:stream';
import { createLineSplitter, type LineSplitter } from './line-splitter.ts';
import { Listeners } from './listeners.ts';

/** What a line channel is made of. */
export interface LineChannelOptions {
  /** The open channel; it is not read before somebody listens. */
  readonly stream: Duplex;
  readonly where: string;
  readonly maxLineBytes: number;
  readonly sendHighWaterBytes: number;
  readonly sendLimitBytes: number;
  /** Ends the channel for the peer. */
  readonly end: () => void;
  /** Why a channel that the peer closed is closed. */
  readonly explainEnd: () => Error;
  /** The peer has said something. */
  readonly onFirstBytes: () => void;
}

/** Lines over a byte stream. All lines that are sent within one turn go out in one write. */
export class StreamLineChannel implements LineChannel {
  readonly #options: LineChannelOptions;
  readonly #splitter: LineSplitter;
  readonly #lines = new Listeners<string>();
  readonly #drains = new Listeners<void>();
  readonly #closes = new Listeners<Error | undefined>();
  #unsent = '';
  #unsentBytes = 0;
  #flushing = false;
  #full = false;
  #reading = false;
  #closed: { readonly error: Error | undefined } | undefined;

  constructor(options: LineChannelOptions) {
    this.#options = options;
    this.#splitter = createLineSplitter(options.maxLineBytes);
    options.stream.on('close', () => this.fail(options.explainEnd()));
    options.stream.on('error', (error) => {
      this.fail(new ConnectError(`${options.where}: ${error.message}`, { cause: error }));
    });
  }

  send(line: string): boolean {
    if (this.#closed !== undefined) {
      throw new ConnectError(`${this.#options.where}: the channel is closed`, { cause: this.#closed.error });
    }
    if (line.includes('\n')) throw new TypeError('a line holds a line break');
    this.#unsent += `${line}\n`;
    this.#unsentBytes += Buffer.byteLength(line) + 1;
    if (!this.#flushing) {
      this.#flushing = true;
      // After all microtasks: what follows from one answer of the queue leaves in one packet.
      process.nextTick(() => this.#flush());
    }
    const waitingBytes = this.#options.stream.writableLength + this.#unsentBytes;
    if (waitingBytes > this.#options.sendLimitBytes) {
      const error = new ConnectError(`${this.#options.where}: ${waitingBytes} bytes wait to be sent`);
      this.fail(error);
      throw error;
    }
    this.#full ||= waitingBytes >= this.#options.sendHighWaterBytes;
    return !this.#full;
  }

  get sending(): boolean {
    return this.#flushing;
  }

  onLine(listener: (line: string) => void): Unsubscribe {
    const stop = this.#lines.add(listener);
    this.#startReading();
    return stop;
  }

  onDrain(listener: () => void): Unsubscribe {
    return this.#drains.add(listener);
  }

  onClose(listener: (error: Error | undefined) => void): Unsubscribe {
    if (this.#closed === undefined) {
      this.#startReading();
      return this.#closes.add(listener);
    }
    const { error } = this.#closed;
    let wanted = true;
    queueMicrotask(() => {
      if (wanted) listener(error);
    });
    return () => {
      wanted = false;
    };
  }

  close(): void {
    this.#flush();
    this.#end(undefined);
  }

  /** Closes it because of an error. */
  fail(error: Error): void {
    this.#end(error);
  }

  #end(error: Error | undefined): void {
    if (this.#closed !== undefined) return;
    this.#closed = { error };
    this.#unsent = '';
    // What the peer still sends is read and thrown away: an unread channel never closes.
    this.#options.stream.resume();
    this.#options.end();
    this.#closes.emit(error);
    for (const each of [this.#lines, this.#drains, this.#closes]) each.clear();
  }

  /** In a microtask, so that the listeners that are added together all see the first line and the end. */
  #startReading(): void {
    if (this.#reading) return;
    this.#reading = true;
    const { stream, onFirstBytes } = this.#options;
    queueMicrotask(() => {
      stream.once('data', onFirstBytes);
      stream.on('data', (chunk: Buffer) => this.#read(chunk));
    });
  }

  #read(chunk: Buffer): void {
    if (this.#closed !== undefined) return;
    const lines = this.#splitter.push(chunk);
    if (lines === undefined) {
      this.fail(new ConnectError(`${this.#options.where}: a line is longer than ${this.#options.maxLineBytes} bytes`));
      return;
    }
    for (const line of lines) {
      if (this.#isClosed()) return;
      this.#lines.emit(line);
    }
  }

  /** A listener may have closed it. */
  #isClosed(): boolean {
    return this.#closed !== undefined;
  }

  #flush(): void {
    this.#flushing = false;
    if (this.#unsent === '' || this.#closed !== undefined) return;
    const unsent = this.#unsent;
    this.#unsent = '';
    this.#unsentBytes = 0;
    this.#options.stream.write(unsent, () => this.#drained());
  }

  #drained(): void {
    if (!this.#full || this.#options.stream.writableLength >= this.#options.sendHighWaterBytes) return;
    this.#full = false;
    this.#drains.emit();
  }
}
