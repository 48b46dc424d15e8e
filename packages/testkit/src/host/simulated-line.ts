import { type Clock, ConnectError, type LineChannel, type Unsubscribe } from '@drover/spec';

/** The host's end of a channel. */
export interface FarEnd {
  /** A line from the dispatcher. */
  readonly receive: (line: string) => void;
  readonly closed: () => void;
  /** After a break: how much later what was under way arrives; undefined: never. */
  readonly lingersMs: () => number | undefined;
  /** Nothing moves at the moment. */
  readonly isFrozen: () => boolean;
  /** The channel is to break instead of carrying this line. */
  readonly breaks: () => boolean;
}

/** A channel of lines over a clock: every line takes `latencyMs`, lines never overtake each other. */
export class SimulatedLine implements LineChannel {
  readonly #clock: Clock;
  readonly #latencyMs: number;
  readonly #far: FarEnd;
  readonly #toHost: string[] = [];
  readonly #fromHost: string[] = [];
  readonly #lineListeners = new Set<(line: string) => void>();
  readonly #closeListeners = new Set<(error: Error | undefined) => void>();
  readonly #atHost = (): void => this.#arrive(this.#toHost, this.#far.receive);
  readonly #atHome = (): void => this.#arrive(this.#fromHost, this.#tell);
  readonly #tell = (line: string): void => {
    for (const listener of this.#lineListeners) listener(line);
  };
  #end: { readonly error: Error | undefined } | undefined;

  constructor(clock: Clock, latencyMs: number, far: FarEnd) {
    this.#clock = clock;
    this.#latencyMs = latencyMs;
    this.#far = far;
  }

  send(line: string): boolean {
    if (this.#end !== undefined) throw new ConnectError('The channel is closed.');
    this.#toHost.push(line);
    this.#clock.timer(this.#latencyMs, this.#atHost);
    return true;
  }

  onLine(listener: (line: string) => void): Unsubscribe {
    return subscribe(this.#lineListeners, listener);
  }

  /** Lines that have been sent and have not arrived. */
  get underWay(): number {
    return this.#end === undefined ? this.#toHost.length + this.#fromHost.length : 0;
  }

  onDrain(): Unsubscribe {
    return () => undefined;
  }

  onClose(listener: (error: Error | undefined) => void): Unsubscribe {
    if (this.#end !== undefined) {
      listener(this.#end.error);
      return () => undefined;
    }
    return subscribe(this.#closeListeners, listener);
  }

  close(): void {
    this.#finish(undefined);
  }

  /** A line from the host. */
  deliver(line: string): void {
    this.#fromHost.push(line);
    this.#clock.timer(this.#latencyMs, this.#atHome);
  }

  /** The connection breaks. */
  reset(error: Error): void {
    this.#finish(error);
  }

  /** The oldest line in this direction has come to its end. */
  #arrive(queue: string[], take: (line: string) => void): void {
    const next = queue.shift();
    if (next === undefined || this.#end !== undefined || this.#far.isFrozen()) return;
    if (this.#far.breaks()) this.reset(new ConnectError('The connection was reset.'));
    else take(next);
  }

  #linger(): void {
    const lines = this.#toHost.splice(0);
    const laterMs = lines.length === 0 ? undefined : this.#far.lingersMs();
    if (laterMs !== undefined)
      this.#clock.timer(laterMs, () => {
        for (const line of lines) this.#far.receive(line);
      });
  }

  #finish(error: Error | undefined): void {
    if (this.#end !== undefined) return;
    this.#end = { error };
    this.#far.closed();
    if (error !== undefined) this.#linger();
    for (const listener of this.#closeListeners) listener(error);
  }
}

function subscribe<T>(set: Set<T>, listener: T): Unsubscribe {
  set.add(listener);
  return () => {
    set.delete(listener);
  };
}
