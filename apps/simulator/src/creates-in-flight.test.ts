import type { CreateRequest, Instance } from '@drover/spec';
import { expect, it } from 'vitest';
import { makeInstance } from '../test/facts.ts';
import { CreatesInFlight } from './creates-in-flight.ts';

function request(...secrets: readonly string[]): CreateRequest {
  return {
    createId: secrets.join(),
    count: secrets.length,
    instanceType: {
      name: 't',
      providerType: 't',
      vcpus: 1,
      ramBytes: 1,
      scratchBytes: 1,
      includedScratchBytes: 1,
      addedScratchBytes: 0,
      pricePerHour: 1,
      preemptible: false,
    },
    offering: { id: 'o', instanceType: 't', zone: 'z', preemptible: false, pricePerHour: 1 },
    imageId: '',
    tags: secrets.map((secret) => ({ Secret: secret })),
    initCommands: secrets.map(() => ''),
    authorizedKey: '',
  };
}

function vm(secret?: string): Instance {
  return { ...makeInstance(), tags: secret === undefined ? {} : { Secret: secret } };
}

it('adds up what this request and the unanswered ones may bring', () => {
  const creates = new CreatesInFlight('Secret', 5000);
  const first = request('a', 'b');
  creates.begin(first, 0);
  expect(creates.toCome(request('c'), 0, 1000)).toBe(3);
  creates.note(vm('a'));
  expect(creates.toCome(request('c'), 0, 1000)).toBe(2);
  creates.answered(first);
  expect(creates.toCome(request('c'), 0, 1000)).toBe(1);
});

it('does not expect a VM again that has been there and is gone, however long its call hangs', () => {
  const creates = new CreatesInFlight('Secret', 5000);
  creates.begin(request('a'), 0);
  creates.note(vm('a'));
  expect(creates.toCome(request('b'), 0, 1000)).toBe(1);
});

it('expects nothing more of a call that hangs for longer than any takes to have its effect', () => {
  const creates = new CreatesInFlight('Secret', 5000);
  creates.begin(request('a'), 0);
  expect(creates.toCome(request('b'), 0, 5000)).toBe(2);
  expect(creates.toCome(request('b'), 0, 5001)).toBe(1);
});

it('counts a repetition and a VM without tags in favour of the dispatcher', () => {
  const creates = new CreatesInFlight('Secret', 5000);
  creates.begin(request('a'), 0);
  expect(creates.toCome(request('a'), 0, 1000)).toBe(1);
  expect(creates.toCome(request('a'), 1, 1000)).toBe(0);
  expect(creates.isUntagged(vm())).toBe(true);
  expect(creates.isUntagged(vm('a'))).toBe(false);
  creates.note(vm('a'));
  expect(creates.toCome(request('a'), 0, 1000)).toBe(0);
});
