import type { ContainerQueue, ContainerUuid, Executor, InstanceId, InstanceSet, StateStore } from '@drover/spec';
import type { PortCall, PortTap } from './port-call.ts';

/** The same instance set, with every call told of. */
export function tapInstanceSet(set: InstanceSet, tap: PortTap): InstanceSet {
  const hostKeys = set.hostKeys?.bind(set);
  const quotaGroup = set.quotaGroup?.bind(set);
  const priceHistory = set.priceHistory?.bind(set);
  return {
    offerings: (type) => set.offerings(type),
    create: (request, options) =>
      tap.call(cloud('create', request.createId, { request }), () => set.create(request, options)),
    list: (tags, options) => tap.call(cloud('list', '', reads), () => set.list(tags, options)),
    describe: (id, options) => tap.call(cloud('describe', id, reads), () => set.describe(id, options)),
    destroy: (instance, options) =>
      tap.call(cloud('destroy', instance.id, { request: instance }), () => set.destroy(instance, options)),
    setTags: (instance, tags, options) =>
      tap.call(cloud('setTags', instance.id, { request: tags }), () => set.setTags(instance, tags, options)),
    ...(hostKeys !== undefined && {
      hostKeys: (id, options) => tap.call(cloud('hostKeys', id, reads), () => hostKeys(id, options)),
    }),
    ...(quotaGroup !== undefined && { quotaGroup }),
    ...(priceHistory !== undefined && { priceHistory }),
    close: () => set.close(),
  };
}

/** The same queue, with every call told of. */
export function tapQueue(queue: ContainerQueue, tap: PortTap): ContainerQueue {
  const ask = <T>(operation: string, uuid: ContainerUuid, request: unknown, work: () => Promise<T>): Promise<T> =>
    tap.call({ port: 'queue', operation, subject: uuid, request, changes: true }, work);
  return {
    fenced: queue.fenced,
    onWake: (listener) => queue.onWake(listener),
    poll: (since, options) =>
      tap.call({ port: 'queue', operation: 'poll', subject: '', request: since, changes: false }, () =>
        queue.poll(since, options),
      ),
    fetch: (uuid, options) =>
      tap.call({ port: 'queue', operation: 'fetch', subject: uuid, changes: false }, () => queue.fetch(uuid, options)),
    lock: (uuid, generation, options) => ask('lock', uuid, { generation }, () => queue.lock(uuid, generation, options)),
    unlock: (uuid, generation, reason, options) =>
      ask('unlock', uuid, { generation, reason }, () => queue.unlock(uuid, generation, reason, options)),
    started: (uuid, generation, record, options) =>
      ask('started', uuid, { generation, record }, () => queue.started(uuid, generation, record, options)),
    appendLog: (uuid, generation, chunk, options) =>
      ask('appendLog', uuid, { generation, chunk }, () => queue.appendLog(uuid, generation, chunk, options)),
    finished: (uuid, generation, result, logs, options) =>
      ask('finished', uuid, { generation, result, logs, options }, () =>
        queue.finished(uuid, generation, result, logs, options),
      ),
    lost: (uuid, generation, loss, options) =>
      ask('lost', uuid, { generation, loss }, () => queue.lost(uuid, generation, loss, options)),
    cancel: (uuid, generation, reason, options) =>
      ask('cancel', uuid, { generation, reason }, () => queue.cancel(uuid, generation, reason, options)),
  };
}

/** The same state store, with every call told of. */
export function tapStateStore(state: StateStore, tap: PortTap): StateStore {
  const ask = <T>(operation: string, subject: string, changes: boolean, work: () => Promise<T>): Promise<T> =>
    tap.call({ port: 'state', operation, subject, changes }, work);
  return {
    lead: (options) => ask('lead', '', false, () => state.lead(options)),
    pins: (options) => ask('pins', '', false, () => state.pins(options)),
    setPin: (id, keys, options) =>
      tap.call({ port: 'state', operation: 'setPin', subject: id, request: keys, changes: true }, () =>
        state.setPin(id, keys, options),
      ),
    removePin: (id, options) => ask('removePin', id, true, () => state.removePin(id, options)),
    behaviors: (options) => ask('behaviors', '', false, () => state.behaviors(options)),
    setBehavior: (id, decision, options) =>
      ask('setBehavior', id, true, () => state.setBehavior(id, decision, options)),
    recordIntent: (intent, options) =>
      ask('recordIntent', intent.createId, true, () => state.recordIntent(intent, options)),
    removeIntent: (createId, options) =>
      ask('removeIntent', createId, true, () => state.removeIntent(createId, options)),
    intents: (options) => ask('intents', '', false, () => state.intents(options)),
  };
}

/** The same executor, with every connection, command and channel told of. */
export function tapExecutor(executor: Executor, id: InstanceId, tap: PortTap): Executor {
  return {
    setTarget: (target) => executor.setTarget(target),
    connect: (options) => tap.call(ssh('connect', id), () => executor.connect(options)),
    trust: (key) => executor.trust(key),
    run: (command, options) => tap.call(ssh('run', id), () => executor.run(command, options)),
    open: (target, options) => tap.call(ssh('open', id), () => executor.open(target, options)),
    close: () => executor.close(),
  };
}

const reads = { changes: false } as const;

function cloud(
  operation: string,
  subject: string,
  rest: { readonly request?: unknown; readonly changes?: false },
): Omit<PortCall, 'dispatcher'> {
  return { port: 'cloud', operation, subject, request: rest.request, changes: rest.changes ?? true };
}

function ssh(operation: string, subject: InstanceId): Omit<PortCall, 'dispatcher'> {
  // What arrives at a VM is looked at there: an executor that is closed sends nothing.
  return { port: 'ssh', operation, subject, changes: false };
}
