import type { CallOptions, Leadership, StateStore } from '@drover/spec';
import type { Client } from './client.ts';
import { expectReply } from './expect-reply.ts';

/** What a dispatcher remembers beyond the queue. */
export function stateStore(client: Client): StateStore {
  return {
    lead: (options) => lead(client, options),
    pins: async (options) => new Map(expectReply(await client.call({ kind: 'pins' }, options), 'pins').pins),
    setPin: async (id, keys, options) => {
      await client.call({ kind: 'set-pin', id, keys }, options);
    },
    removePin: async (id, options) => {
      await client.call({ kind: 'remove-pin', id }, options);
    },
    behaviors: async (options) =>
      new Map(expectReply(await client.call({ kind: 'behaviors' }, options), 'behaviors').behaviors),
    setBehavior: async (id, decision, options) => {
      await client.call({ kind: 'set-behavior', id, decision }, options);
    },
    recordIntent: async (intent, options) => {
      await client.call({ kind: 'record-intent', intent }, options);
    },
    removeIntent: async (createId, options) => {
      await client.call({ kind: 'remove-intent', createId }, options);
    },
    intents: async (options) => expectReply(await client.call({ kind: 'intents' }, options), 'intents').intents,
  };
}

async function lead(client: Client, options: CallOptions): Promise<Leadership> {
  const epoch = expectReply(await client.call({ kind: 'lead' }, options), 'number').number;
  const listeners = new Set<(why: Error) => void>();
  let lost: Error | undefined;
  client.onLeadLost(epoch, (why) => {
    lost = why;
    for (const listener of listeners) listener(why);
    listeners.clear();
  });
  return {
    epoch,
    onLost: (listener) => {
      if (lost === undefined) listeners.add(listener);
      else listener(lost);
      return () => listeners.delete(listener);
    },
    release: async () => {
      listeners.clear();
      await client.call({ kind: 'release', epoch }, { signal: new AbortController().signal });
    },
  };
}
