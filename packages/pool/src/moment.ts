/** One instant on both clocks. */
export interface Moment {
  /** Monotonic: everything is decided by it. */
  readonly ms: number;
  /** Wall clock: shown and recorded only. */
  readonly wallMs: number;
}
