/** Cancels a timer; calling it again, or after the timer fired, does nothing. */
export type CancelTimer = () => void;

/** The only source of time for the core and the shell. Production reads the machine's clocks, the simulator owns time. */
export interface Clock {
  /** Milliseconds since the Unix epoch. May jump; only for showing and recording. */
  wallMs(): number;
  /** Milliseconds since an arbitrary start; never goes back. Every duration and deadline is measured on it. */
  monotonicMs(): number;
  /** Calls `callback` once after `delayMs` (0 or less: as soon as the caller has returned). */
  timer(delayMs: number, callback: () => void): CancelTimer;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, options?: { readonly signal?: AbortSignal }): Promise<void>;
}

/** The only source of chance for the core and the shell. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** `bytes` random bytes as lower-case hex, unpredictable in production (instance secrets come from here). */
  hex(bytes: number): string;
}

/** Ends a subscription; calling it again does nothing. */
export type Unsubscribe = () => void;

/** Every call that leaves the process takes a signal; callers give each call a deadline through it. */
export interface CallOptions {
  readonly signal: AbortSignal;
}
