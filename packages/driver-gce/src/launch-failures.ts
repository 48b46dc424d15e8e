import type { Clock, LaunchFailure } from '@drover/spec';

/** Launches that failed after they were accepted, kept for the listings of a while: one that fails must not lose them. */
export class LaunchFailures {
  readonly #clock: Clock;
  readonly #rememberMs: number;
  #failures: readonly { readonly failure: LaunchFailure; readonly atMs: number }[] = [];

  constructor(clock: Clock, rememberMs: number) {
    this.#clock = clock;
    this.#rememberMs = rememberMs;
  }

  add(failure: LaunchFailure): void {
    this.#failures = [...this.#failures, { failure, atMs: this.#clock.monotonicMs() }];
  }

  /** Those of the last while. */
  recent(): readonly LaunchFailure[] {
    const sinceMs = this.#clock.monotonicMs() - this.#rememberMs;
    this.#failures = this.#failures.filter(({ atMs }) => atMs > sinceMs);
    return this.#failures.map(({ failure }) => failure);
  }
}
