import type { Leadership, StateStore } from '@drover/spec';
import type { MemoryCall } from './memory-connection.ts';
import type { MemoryQueue } from './memory-queue.ts';

type Call = <T>(request: MemoryCall<T>) => Promise<T>;

/** What a dispatcher remembers, in memory. */
export function memoryStateStore(database: MemoryQueue, call: Call, lead: () => Leadership): StateStore {
  const { pins, behaviors, intents } = database;
  return {
    lead: (options) => call({ operation: 'lead', options, effect: lead }),
    pins: (options) => call({ operation: 'pins', options, effect: () => new Map(pins) }),
    setPin: (id, keys, options) =>
      call({
        operation: 'setPin',
        leaderOnly: true,
        options,
        effect: () => {
          database.setPin(id, keys);
        },
      }),
    removePin: (id, options) =>
      call({
        operation: 'removePin',
        leaderOnly: true,
        options,
        effect: () => {
          pins.delete(id);
          behaviors.delete(id);
        },
      }),
    behaviors: (options) => call({ operation: 'behaviors', options, effect: () => new Map(behaviors) }),
    setBehavior: (id, decision, options) =>
      call({
        operation: 'setBehavior',
        leaderOnly: true,
        options,
        effect: () => {
          behaviors.set(id, decision);
        },
      }),
    recordIntent: (intent, options) =>
      call({
        operation: 'recordIntent',
        leaderOnly: true,
        options,
        effect: () => {
          intents.set(intent.createId, intent);
        },
      }),
    removeIntent: (createId, options) =>
      call({
        operation: 'removeIntent',
        leaderOnly: true,
        options,
        effect: () => {
          intents.delete(createId);
        },
      }),
    intents: (options) => call({ operation: 'intents', options, effect: () => [...intents.values()] }),
  };
}
