import type { Clock, ContainerQueue, Executor, InstanceSet, LineChannel, StateStore } from '@drover/spec';
import type { Lifeline } from './lifeline.ts';

/** The clock of one incarnation: its timers die with it. */
export function cutClock(clock: Clock, life: Lifeline): Clock {
  return {
    wallMs: () => clock.wallMs(),
    monotonicMs: () => clock.monotonicMs(),
    timer: (delayMs, callback) => (life.isCut ? () => undefined : clock.timer(delayMs, life.listener(callback))),
    sleep: (ms, options) => (life.isCut ? never() : whileAlive(life, clock.sleep(ms, options))),
  };
}

export function cutInstanceSet(set: InstanceSet, life: Lifeline): InstanceSet {
  return {
    offerings: (type) => set.offerings(type),
    create: (request, options) => life.call(() => set.create(request, options)),
    list: (tags, options) => life.call(() => set.list(tags, options)),
    describe: (id, options) => life.call(() => set.describe(id, options)),
    destroy: (instance, options) => life.call(() => set.destroy(instance, options)),
    setTags: (instance, tags, options) => life.call(() => set.setTags(instance, tags, options)),
    ...optionalCapabilities(set, life),
    close: () => life.call(() => set.close()),
  };
}

function optionalCapabilities(
  set: InstanceSet,
  life: Lifeline,
): Pick<InstanceSet, 'hostKeys' | 'quotaGroup' | 'priceHistory'> {
  return {
    ...(set.hostKeys !== undefined && {
      hostKeys: (id, options) => life.call(() => set.hostKeys?.(id, options) ?? Promise.resolve([])),
    }),
    ...(set.quotaGroup !== undefined && { quotaGroup: (type) => set.quotaGroup?.(type) ?? type.providerType }),
    ...(set.priceHistory !== undefined && {
      priceHistory: (instance, type) => set.priceHistory?.(instance, type) ?? [],
    }),
  };
}

export function cutQueue(queue: ContainerQueue, life: Lifeline): ContainerQueue {
  return {
    fenced: queue.fenced,
    poll: (since, options) => life.call(() => queue.poll(since, options)),
    onWake: (listener) => queue.onWake(life.listener(listener)),
    lock: (uuid, generation, options) => life.call(() => queue.lock(uuid, generation, options)),
    fetch: (uuid, options) => life.call(() => queue.fetch(uuid, options)),
    unlock: (uuid, generation, reason, options) => life.call(() => queue.unlock(uuid, generation, reason, options)),
    started: (uuid, generation, record, options) => life.call(() => queue.started(uuid, generation, record, options)),
    appendLog: (uuid, generation, chunk, options) => life.call(() => queue.appendLog(uuid, generation, chunk, options)),
    finished: (uuid, generation, result, logs, options) =>
      life.call(() => queue.finished(uuid, generation, result, logs, options)),
    lost: (uuid, generation, loss, options) => life.call(() => queue.lost(uuid, generation, loss, options)),
    cancel: (uuid, generation, reason, options) => life.call(() => queue.cancel(uuid, generation, reason, options)),
  };
}

/** `tell` passes the loss of the lead on, at once or later. */
export function cutStateStore(state: StateStore, life: Lifeline, tell: (notice: () => void) => void): StateStore {
  return {
    lead: async (options) => {
      const leadership = await life.call(() => state.lead(options));
      return {
        epoch: leadership.epoch,
        onLost: (listener) => leadership.onLost((why) => tell(() => life.listener(listener)(why))),
        release: () => life.call(() => leadership.release()),
      };
    },
    pins: (options) => life.call(() => state.pins(options)),
    setPin: (id, keys, options) => life.call(() => state.setPin(id, keys, options)),
    removePin: (id, options) => life.call(() => state.removePin(id, options)),
    behaviors: (options) => life.call(() => state.behaviors(options)),
    setBehavior: (id, decision, options) => life.call(() => state.setBehavior(id, decision, options)),
    recordIntent: (intent, options) => life.call(() => state.recordIntent(intent, options)),
    removeIntent: (createId, options) => life.call(() => state.removeIntent(createId, options)),
    intents: (options) => life.call(() => state.intents(options)),
  };
}

export function cutExecutor(executor: Executor, life: Lifeline): Executor {
  return {
    setTarget: (target) => life.act(() => executor.setTarget(target)),
    connect: (options) => life.call(() => executor.connect(options)),
    trust: (key) => life.act(() => executor.trust(key)),
    run: (command, options) => life.call(() => executor.run(command, options)),
    open: async (target, options) => cutChannel(await life.call(() => executor.open(target, options)), life),
    close: () => life.call(() => executor.close()),
  };
}

function cutChannel(channel: LineChannel, life: Lifeline): LineChannel {
  return {
    send: (line) => {
      let room = false;
      life.act(() => (room = channel.send(line)));
      return room;
    },
    onLine: (listener) => channel.onLine(life.listener(listener)),
    onDrain: (listener) => channel.onDrain(life.listener(listener)),
    onClose: (listener) => channel.onClose(life.listener(listener)),
    close: () => life.act(() => channel.close()),
  };
}

function whileAlive<T>(life: Lifeline, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    promise.then(
      (value) => life.isCut || resolve(value),
      (error: unknown) => life.isCut || reject(error),
    );
  });
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
