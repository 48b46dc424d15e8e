import { type ContainerRecord, type ContainerSpec, type ContainerUuid, QueueUnavailableError } from '@drover/spec';
import type { PortCall } from '../port-call.ts';
import type { Invariant } from './invariant.ts';

/** Where a container waits: among those that ask for just the same, by priority. */
interface Place {
  readonly line: Map<number, Set<ContainerUuid>>;
  readonly priority: number;
}

/**
 * 24: of those that ask for the same, the ones that matter more go first. `withinMs`: how long one of higher priority may see
 * others go before it: it may have been given up or held back for a while for reasons of its own. It has its turn when its lock is
 * asked for: the queue may be slower with that one than with others, or fail; a refusal for good, though, is no turn.
 */
export function noStarvation(ports: {
  readonly nowMs: () => number;
  readonly record: (uuid: ContainerUuid) => ContainerRecord;
  readonly withinMs: number;
}): Invariant {
  const lines = new Map<string, Map<number, Set<ContainerUuid>>>();
  const places = new Map<ContainerUuid, Place>();
  /** Since when each has been passed over, without a break. */
  const passedOverMs = new Map<ContainerUuid, number>();
  /** Since when those whose locks are under way had been passed over by then. */
  const turns = new Map<PortCall, number>();
  const leave = (uuid: ContainerUuid): Place | undefined => {
    const place = places.get(uuid);
    place?.line.get(place.priority)?.delete(uuid);
    places.delete(uuid);
    return place;
  };
  const judge = (uuid: ContainerUuid, first: ContainerUuid): string | undefined => {
    const since = passedOverMs.get(uuid) ?? ports.nowMs();
    passedOverMs.set(uuid, since);
    const forMs = ports.nowMs() - since;
    return forMs > ports.withinMs ? `${uuid} has been passed over for ${forMs} ms, now by ${first}` : undefined;
  };
  return {
    number: 24,
    rule: 'no starvation of a higher-priority runnable container',
    onCall: (call) => {
      const since = isLock(call) ? passedOverMs.get(call.subject) : undefined;
      if (since === undefined) return undefined;
      turns.set(call, since);
      passedOverMs.delete(call.subject);
      return undefined;
    },
    onAnswer: (call, answer) => {
      const since = turns.get(call);
      turns.delete(call);
      const wasRefused = !answer.ok && !(answer.error instanceof QueueUnavailableError);
      if (since !== undefined && wasRefused && places.has(call.subject)) passedOverMs.set(call.subject, since);
      return undefined;
    },
    onQueueEvent: ({ uuid, state, kind }) => {
      const place = leave(uuid);
      if (state === 'Queued') {
        const { spec, priority, attempts } = ports.record(uuid);
        // One that was interrupted may be kept from spot VMs, where others like it still go.
        if (attempts.some(({ outcome }) => outcome === 'preempted')) return undefined;
        const key = keyOf(spec);
        const line = lines.get(key) ?? new Map<number, Set<ContainerUuid>>();
        lines.set(key, line);
        line.set(priority, (line.get(priority) ?? new Set()).add(uuid));
        places.set(uuid, { line, priority });
      }
      if (kind !== 'locked' || place === undefined) return undefined;
      passedOverMs.delete(uuid);
      let found: string | undefined;
      for (const waiting of ahead(place)) found ??= judge(waiting, uuid);
      return found;
    },
  };
}

function isLock({ port, operation }: PortCall): boolean {
  return port === 'queue' && operation === 'lock';
}

/** Everything that waits in the same line and matters more. */
function* ahead({ line, priority }: Place): Iterable<ContainerUuid> {
  for (const [other, waiting] of line) if (other > priority) yield* waiting;
}

function keyOf({ resources, scheduling }: ContainerSpec): string {
  return `${resources.vcpus} ${resources.ramBytes} ${scheduling.preemptible} ${scheduling.supervisor}`;
}
