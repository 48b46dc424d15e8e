import type { Reply, Request } from '@drover/queue-sqlite/simulation';
import type { QueueEntry } from '@drover/spec';

/** What an entry says beside what never changes. */
export type DescribedEntry = Pick<
  QueueEntry,
  'uuid' | 'state' | 'priority' | 'generation' | 'infrastructureFailures' | 'sequence' | 'submittedAtMs'
> & { readonly instanceId?: string | undefined; readonly onDemandOnly?: boolean };

/** A reply as text, so that two can be compared. */
export function describeReply(request: Request, reply: Reply): string {
  switch (reply.kind) {
    case 'error':
      return reply.error.code;
    case 'uuids':
      return reply.uuids.join();
    case 'locked':
      return describeEntry(reply.entry);
    case 'entries':
      return request.kind === 'poll' ? describeUpdate(reply) : reply.entries.map(describeEntry).join();
    case 'record':
      return comparable(reply.record);
    case 'number':
      return String(reply.number);
    case 'pins':
      return describePairs(reply.pins);
    case 'behaviors':
      return describePairs(reply.behaviors);
    case 'intents':
      return describePairs(reply.intents.map((intent) => [intent.createId, intent] as const));
    default:
      return reply.kind;
  }
}

export function describeUpdate(update: {
  readonly cursor: number;
  readonly complete: boolean;
  readonly entries: readonly DescribedEntry[];
}): string {
  const { cursor, complete, entries } = update;
  const lines = entries.map(describeEntry).toSorted();
  return `${complete ? 'all' : 'changes'} up to ${cursor}: ${lines.join()}`;
}

export function describeEntry(entry: DescribedEntry): string {
  const { uuid, state, generation, priority, infrastructureFailures, sequence, submittedAtMs } = entry;
  const place = `${sequence} at ${submittedAtMs}`;
  const fixed = entry.onDemandOnly === true ? ' on-demand' : '';
  return `${uuid} ${state}/${generation} ${priority} ${infrastructureFailures} ${entry.instanceId ?? '-'} ${place}${fixed}`;
}

/** In the order of the names. */
export function describePairs(pairs: Iterable<readonly [string, unknown]>): string {
  return [...pairs]
    .map(([name, value]) => `${name} ${comparable(value)}`)
    .toSorted()
    .join();
}

/** As JSON, in an order of its own. */
export function comparable(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([x], [y]) => (x < y ? -1 : 1)))
      : part,
  );
}
