import { cursorSequence, isFinal } from '@drover/queue-rules';
import { readSpec, type Reply, type Request } from '@drover/queue-sqlite/simulation';
import type { MemoryQueue } from '@drover/testkit';
import { comparable, describeEntry, describePairs, describeUpdate } from './describe-reply.ts';

/** Every request that knows no leader. */
export type Repeatable = Exclude<Request, { readonly kind: 'lead' | 'release' }>;

/**
 * Does it in the queue in memory; what it answers, as text. Undefined: it is not repeated. `reply`: what was answered elsewhere, where
 * the containers got their names.
 */
export function repeatRequest(memory: MemoryQueue, request: Repeatable, reply: Reply): string | undefined {
  const { containers, pins, behaviors, intents } = memory;
  switch (request.kind) {
    case 'submit': {
      const specs = request.containers.map(({ json }) => readSpec(json));
      const names = reply.kind === 'uuids' ? reply.uuids : [];
      return containers.submit(specs, request.key?.key, names).join();
    }
    case 'move':
      return describeEntry(containers.apply(request.uuid, request.command, request.logs).entry);
    case 'append-log':
      containers.appendLog(request.uuid, request.generation, request.chunk);
      return 'done';
    case 'fetch':
      return describeEntry(containers.find(request.uuid).entry);
    case 'poll':
      return poll(memory, request.since);
    case 'get':
      return comparable(memory.record(request.uuid));
    case 'set-pin':
      memory.setPin(request.id, request.keys);
      return 'done';
    case 'remove-pin':
      pins.delete(request.id);
      behaviors.delete(request.id);
      return 'done';
    case 'set-behavior':
      behaviors.set(request.id, request.decision);
      return 'done';
    case 'record-intent':
      intents.set(request.intent.createId, request.intent);
      return 'done';
    case 'remove-intent':
      intents.delete(request.createId);
      return 'done';
    case 'pins':
      return describePairs(pins);
    case 'behaviors':
      return describePairs(behaviors);
    case 'intents':
      return describePairs(intents);
    default:
      // Lists, counts and logs: nobody asks for them in a simulated world.
      return undefined;
  }
}

function poll({ containers }: MemoryQueue, since: number | undefined): string {
  const { byUuid, events } = containers;
  const from = cursorSequence(since === undefined ? undefined : String(since));
  const isComplete = from === undefined || from > events.length;
  const changed = new Set(isComplete ? [] : events.slice(from).map(({ uuid }) => uuid));
  const shown = isComplete
    ? [...byUuid.values()].filter(({ facts }) => !isFinal(facts.state))
    : [...changed].map((uuid) => containers.find(uuid));
  return describeUpdate({ cursor: events.length, complete: isComplete, entries: shown.map(({ entry }) => entry) });
}
