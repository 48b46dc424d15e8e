import type { HostKeys, InstanceId, StateStore } from '@drover/spec';
import { MemoryQueue, SeededRandom, SimulatedClock } from '@drover/testkit';
import { expect, test } from 'vitest';
import { KnownInstances } from './known-instances.ts';

const [old, changed] = [['ssh-ed25519 OLD'], ['ssh-ed25519 NEW']];

/** A VM that has appeared, over a store whose `setPin` does as told, call by call, and then works. */
function setUp(...failures: readonly ('lost' | 'done but lost')[]) {
  const clock = new SimulatedClock();
  const real = new MemoryQueue({ clock, random: new SeededRandom(1) }).open().state;
  const writes: HostKeys[] = [];
  const store: StateStore = {
    ...real,
    setPin: async (_id: InstanceId, keys: HostKeys) => {
      const failure = failures[writes.length];
      writes.push(keys);
      if (failure !== undefined) throw new Error(failure);
    },
  };
  const remembered = { pins: new Map(), behaviors: new Map(), intents: [] };
  const known = new KnownInstances(remembered, store, clock, new AbortController().signal);
  known.add('i-1');
  return { known, writes };
}

test('a key that was proven counts even when nobody knows whether it was stored: no other is proven by a secret', async () => {
  const { known, writes } = setUp('done but lost');
  await expect(known.set('i-1', old)).rejects.toThrow('done but lost');
  expect(known.get('i-1')).toEqual(old);
  await known.set('i-1', old);
  expect(writes).toEqual([old, old]);
});

test('it is stored with the VM, and then for certain', async () => {
  const { known, writes } = setUp('lost');
  await expect(known.set('i-1', old)).rejects.toThrow('lost');
  expect(await known.save()).toBe(true);
  expect(known.get('i-1')).toEqual(old);
  await known.set('i-1', old);
  expect(writes).toEqual([old, old]);
});

test('what is stored is not stored again; another key is', async () => {
  const { known, writes } = setUp();
  await known.set('i-1', old);
  await known.set('i-1', old);
  await known.set('i-1', changed);
  expect(writes).toEqual([old, changed]);
  expect(known.get('i-1')).toEqual(changed);
});
