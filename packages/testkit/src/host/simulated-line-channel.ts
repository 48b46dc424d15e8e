import { ConnectError, type LineChannel, type Unsubscribe } from '@drover/spec';

/** What a channel does to its connection. */
export interface ChannelEffects {
  readonly send: (line: string) => void;
  readonly close: () => void;
}

/** The dispatcher's end of a channel to a simulated host. */
export class SimulatedLineChannel implements LineChannel {
  readonly #effects: ChannelEffects;
  readonly #lines = new Set<(line: string) => void>();
  readonly #closes = new Set<(error: Error | undefined) => void>();
  #open = true;

  constructor(effects: ChannelEffects) {
    this.#effects = effects;
  }

  send(line: string): boolean {
    if (!this.#open) throw new ConnectError('the channel is closed');
    this.#effects.send(line);
    return true;
  }

  onLine(listener: (line: string) => void): Unsubscribe {
    this.#lines.add(listener);
    return () => this.#lines.delete(listener);
  }

  onDrain(): Unsubscribe {
    // It always keeps up.
    return () => undefined;
  }

  onClose(listener: (error: Error | undefined) => void): Unsubscribe {
    this.#closes.add(listener);
    return () => this.#closes.delete(listener);
  }

  close(): void {
    if (!this.#open) return;
    this.#effects.close();
    this.end(undefined);
  }

  /** A line from the host. */
  receive(line: string): void {
    if (this.#open) for (const listener of this.#lines) listener(line);
  }

  /** However it ended. */
  end(error: Error | undefined): void {
    if (!this.#open) return;
    this.#open = false;
    for (const listener of this.#closes) listener(error);
    this.#lines.clear();
    this.#closes.clear();
  }
}
