import { ConnectError, type LineChannel, type RunnerMessage, type RunnerRequest, type Unsubscribe } from '@drover/spec';

/** A control channel of a replay: lines arrive within the same instant, in order, but never within the call that sent them. */
export class ReplayLine implements LineChannel {
  readonly #receive: (request: RunnerRequest) => void;
  readonly #onClosed: () => void;
  #onLine: ((line: string) => void) | undefined;
  #onClose: ((error: Error | undefined) => void) | undefined;
  #closed = false;

  constructor(receive: (request: RunnerRequest) => void, onClosed: () => void) {
    this.#receive = receive;
    this.#onClosed = onClosed;
  }

  send(line: string): boolean {
    if (this.#closed) throw new ConnectError('The channel is closed.');
    const request: unknown = JSON.parse(line);
    if (isRequest(request)) this.#receive(request);
    return true;
  }

  /** A message of the agent. */
  deliver(message: RunnerMessage): void {
    const line = JSON.stringify(message);
    queueMicrotask(() => {
      if (!this.#closed) this.#onLine?.(line);
    });
  }

  onLine(listener: (line: string) => void): Unsubscribe {
    this.#onLine = listener;
    return () => (this.#onLine = undefined);
  }

  onDrain(): Unsubscribe {
    return () => undefined;
  }

  onClose(listener: (error: Error | undefined) => void): Unsubscribe {
    this.#onClose = listener;
    return () => (this.#onClose = undefined);
  }

  close(): void {
    this.end(undefined);
  }

  /** The VM is gone, or this side wants no more. */
  end(error: Error | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#onClosed();
    this.#onClose?.(error);
  }
}

/** The lines come from the pool itself. */
function isRequest(value: unknown): value is RunnerRequest {
  return typeof value === 'object' && value !== null && 'type' in value && 'id' in value;
}
