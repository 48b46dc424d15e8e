/** Limits of the HTTP API; all may be overridden. */
export const apiDefaults = {
  /** Room for 100,000 small containers in one submission. */
  maxBodyBytes: 32 * 2 ** 20,
  /** Open event and log streams together; one more gets 503. */
  maxStreams: 1_000,
  /** A silent event stream sends a comment this often, below the idle limits of common proxies. */
  keepAliveMs: 15_000,
  /** A client that takes nothing for this long while something waits is dropped. */
  stallMs: 30_000,
  /** Streams look again this often when no wake-up came. */
  pollMs: 500,
  /** Bytes of one piece of a streamed log. */
  logPieceBytes: 256 * 2 ** 10,
  /** Newest events kept in memory for all streams together. */
  recentEvents: 4_096,
  /** Deadline of one call to the queue. */
  storeTimeoutMs: 10_000,
  /** Requests under way may take this long at most when the API closes. */
  closeMs: 2_000,
} as const;

/** See `apiDefaults`. */
export type ApiOptions = { readonly [Key in keyof typeof apiDefaults]: number };
