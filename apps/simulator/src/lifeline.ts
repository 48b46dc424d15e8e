/** When an incarnation of the dispatcher dies in the middle of its work: at its n-th call of a port. */
export interface PlannedDeath {
  /** Counted from 1. */
  readonly atCall: number;
  /** Whether the call still takes effect; its answer is lost either way. */
  readonly afterEffect: boolean;
}

/**
 * The life of one incarnation of the dispatcher. Everything it reaches goes through its ports, and each port asks here
 * first; once it is cut, nothing of the incarnation has any effect, no promise of a port settles, no timer fires.
 */
export class Lifeline {
  readonly #planned: PlannedDeath | undefined;
  readonly #onCut: () => void;
  #calls = 0;
  #cut = false;
  #diedInCall: 'before its effect' | 'after its effect' | undefined;

  constructor(onCut: () => void, planned?: PlannedDeath) {
    this.#onCut = onCut;
    this.#planned = planned;
  }

  /** How it died in the middle of a call, if that was how. */
  get diedInCall(): 'before its effect' | 'after its effect' | undefined {
    return this.#diedInCall;
  }

  get isCut(): boolean {
    return this.#cut;
  }

  /** Calls of ports so far. */
  get calls(): number {
    return this.#calls;
  }

  cut(): void {
    if (this.#cut) return;
    this.#cut = true;
    this.#onCut();
  }

  /** An asynchronous call of a port. */
  call<T>(work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!this.#begin()) return;
      const answer = work();
      this.#end();
      answer.then(
        (value) => this.#cut || resolve(value),
        (error: unknown) => this.#cut || reject(error),
      );
    });
  }

  /** A synchronous call that changes something outside. */
  act(work: () => void): void {
    if (!this.#begin()) return;
    work();
    this.#end();
  }

  /** A callback that the outside makes into the incarnation. */
  listener<A extends readonly unknown[]>(callback: (...values: A) => void): (...values: A) => void {
    return (...values) => {
      if (!this.#cut) callback(...values);
    };
  }

  #begin(): boolean {
    if (this.#cut) return false;
    this.#calls += 1;
    if (this.#planned?.atCall === this.#calls && !this.#planned.afterEffect) this.#die('before its effect');
    return !this.#cut;
  }

  #end(): void {
    if (this.#planned?.atCall === this.#calls && this.#planned.afterEffect) this.#die('after its effect');
  }

  #die(how: 'before its effect' | 'after its effect'): void {
    if (!this.#cut) this.#diedInCall = how;
    this.cut();
  }
}
