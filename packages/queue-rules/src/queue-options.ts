/** How often a queue of ours tries again. */
export interface QueueLimits {
  /** Infrastructure failures in a row after which the container is cancelled; at least 1. */
  readonly infrastructureFailures: number;
  /** Interruptions of spot VMs after which a `preemptible: prefer` container runs on demand only; at least 1. */
  readonly interruptions: number;
  /**
   * Attempts that may start in all, whatever ended them. A container whose own retry policy asks for more gets as many
   * as that.
   */
  readonly startedAttempts: number;
}

/** Sources: 5 in a row from the reliability rules; 10 is the reference's maxDispatchAttempts; 3 interruptions is ours. */
export const defaultQueueLimits: QueueLimits = { infrastructureFailures: 5, interruptions: 3, startedAttempts: 10 };

/** First part of a container's UUID. */
export const defaultClusterId = 'drovr';
