import type { ContainerQueue, ContainerStore, StateStore } from '@drover/spec';
import type { DatabaseCall } from '@drover/testkit';

type Perform = <T>(call: DatabaseCall, effect: () => Promise<T>) => Promise<T>;

/** A queue each of whose calls goes through `perform`. */
export function faultyQueue(queue: ContainerQueue, perform: Perform): ContainerQueue {
  return {
    fenced: queue.fenced,
    onWake: (listener) => queue.onWake(listener),
    poll: (since, options) => perform({ operation: 'poll', options }, () => queue.poll(since, options)),
    lock: (uuid, generation, options) =>
      perform({ operation: 'lock', uuid, options }, () => queue.lock(uuid, generation, options)),
    fetch: (uuid, options) => perform({ operation: 'fetch', uuid, options }, () => queue.fetch(uuid, options)),
    unlock: (uuid, generation, reason, options) =>
      perform({ operation: 'unlock', uuid, options }, () => queue.unlock(uuid, generation, reason, options)),
    started: (uuid, generation, record, options) =>
      perform({ operation: 'started', uuid, options }, () => queue.started(uuid, generation, record, options)),
    appendLog: (uuid, generation, chunk, options) =>
      perform({ operation: 'appendLog', uuid, options }, () => queue.appendLog(uuid, generation, chunk, options)),
    finished: (uuid, generation, result, logs, options) =>
      perform({ operation: 'finished', uuid, options }, () => queue.finished(uuid, generation, result, logs, options)),
    lost: (uuid, generation, loss, options) =>
      perform({ operation: 'lost', uuid, options }, () => queue.lost(uuid, generation, loss, options)),
    cancel: (uuid, generation, reason, options) =>
      perform({ operation: 'cancel', uuid, options }, () => queue.cancel(uuid, generation, reason, options)),
  };
}

/** What users ask. */
export function faultyStore(store: ContainerStore, perform: Perform): ContainerStore {
  return {
    submit: (specs, options) => perform({ operation: 'submit', options }, () => store.submit(specs, options)),
    get: (uuid, options) => perform({ operation: 'get', uuid, options }, () => store.get(uuid, options)),
    list: (filter, options) => perform({ operation: 'list', options }, () => store.list(filter, options)),
    counts: (options) => perform({ operation: 'counts', options }, () => store.counts(options)),
    events: (after, options) => perform({ operation: 'events', options }, () => store.events(after, options)),
    lastEvent: (options) => perform({ operation: 'lastEvent', options }, () => store.lastEvent(options)),
    readLog: (uuid, stream, range, options) =>
      perform({ operation: 'readLog', uuid, options }, () => store.readLog(uuid, stream, range, options)),
    setPriority: (uuid, priority, reason, options) =>
      perform({ operation: 'setPriority', uuid, options }, () => store.setPriority(uuid, priority, reason, options)),
  };
}

/** What a dispatcher remembers. */
export function faultyState(state: StateStore, perform: Perform): StateStore {
  return {
    lead: (options) => perform({ operation: 'lead', options }, () => state.lead(options)),
    pins: (options) => perform({ operation: 'pins', options }, () => state.pins(options)),
    setPin: (id, keys, options) => perform({ operation: 'setPin', options }, () => state.setPin(id, keys, options)),
    removePin: (id, options) => perform({ operation: 'removePin', options }, () => state.removePin(id, options)),
    behaviors: (options) => perform({ operation: 'behaviors', options }, () => state.behaviors(options)),
    setBehavior: (id, decision, options) =>
      perform({ operation: 'setBehavior', options }, () => state.setBehavior(id, decision, options)),
    recordIntent: (intent, options) =>
      perform({ operation: 'recordIntent', options }, () => state.recordIntent(intent, options)),
    removeIntent: (createId, options) =>
      perform({ operation: 'removeIntent', options }, () => state.removeIntent(createId, options)),
    intents: (options) => perform({ operation: 'intents', options }, () => state.intents(options)),
  };
}
