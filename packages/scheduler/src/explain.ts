import type { ContainerUuid, QueueEntry, WhyAnswer, WhyCode } from '@drover/spec';

/** What the shell knows beside the answer of the planning part. */
export interface ExplainInput {
  readonly uuid: ContainerUuid;
  readonly loaded: boolean;
  /** The last poll of the queue failed. */
  readonly queueFailing: boolean;
  readonly entry: QueueEntry | undefined;
  /** Nothing may be decided about it yet, because a former dispatcher's work is not all known. */
  readonly recovering: boolean;
  readonly planned: WhyAnswer | undefined;
  /** Wall clock. */
  readonly nowMs: number;
}

/** The planning part's answer, unless the shell itself is what keeps the container waiting. */
export function explain(input: ExplainInput): WhyAnswer | undefined {
  const { loaded, queueFailing, entry, recovering, planned } = input;
  if (!loaded)
    return queueFailing
      ? answer(input, 'queue-unavailable', 'The queue does not answer; it is asked again.')
      : answer(input, 'recovering', 'The dispatcher has just started and reads the queue.');
  if (entry === undefined) return undefined;
  const waits = entry.state === 'Queued' || entry.state === 'Locked';
  if (waits && queueFailing)
    return answer(input, 'queue-unavailable', 'The queue does not answer; nothing new is decided until it does.');
  if (waits && recovering)
    return answer(
      input,
      'recovering',
      'The dispatcher has just started and waits until it knows what runs on every instance.',
    );
  return planned;
}

function answer(input: ExplainInput, code: WhyCode, sentence: string): WhyAnswer {
  const { uuid, planned, nowMs } = input;
  return {
    uuid,
    code,
    sentence,
    sinceMs: planned?.code === code ? planned.sinceMs : nowMs,
    eligibleTypes: planned?.eligibleTypes ?? [],
    rejections: planned?.rejections ?? [],
  };
}
