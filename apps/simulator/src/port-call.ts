/** One call that a dispatcher makes to the outside, as it arrives there. */
export interface PortCall {
  /** Which dispatcher, counted from 1. */
  readonly dispatcher: number;
  readonly port: 'cloud' | 'queue' | 'state' | 'ssh';
  readonly operation: string;
  /** The VM, container or create that it is about; empty: none. */
  readonly subject: string;
  /** What was asked for, as the port's contract says for this operation; undefined where the subject says it all. */
  readonly request?: unknown;
  /** It is to change something outside. */
  readonly changes: boolean;
}

/** How a call ended. */
export type PortAnswer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: unknown };

/** Who wants to know. */
export interface PortObserver {
  /** Right before the call takes effect. */
  readonly onCall: (call: PortCall) => void;
  readonly onAnswer: (call: PortCall, answer: PortAnswer) => void;
}

/** Tells an observer of everything that one dispatcher asks of its ports. */
export class PortTap {
  readonly #dispatcher: number;
  readonly #observer: PortObserver;

  constructor(dispatcher: number, observer: PortObserver) {
    this.#dispatcher = dispatcher;
    this.#observer = observer;
  }

  /** A call whose answer is waited for. */
  call<T>(what: Omit<PortCall, 'dispatcher'>, work: () => Promise<T>): Promise<T> {
    const call = { dispatcher: this.#dispatcher, ...what };
    this.#observer.onCall(call);
    const answer = work();
    answer.then(
      (value) => this.#observer.onAnswer(call, { ok: true, value }),
      (error: unknown) => this.#observer.onAnswer(call, { ok: false, error }),
    );
    return answer;
  }
}
