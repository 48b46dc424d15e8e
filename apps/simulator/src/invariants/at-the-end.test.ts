import { expect, it } from 'vitest';
import { boundedChannels } from './bounded-channels.ts';
import { everythingEnds } from './everything-ends.ts';
import { noLeftovers } from './no-leftovers.ts';

it('catches containers that never end', () => {
  expect(everythingEnds(() => []).atEnd?.()).toBeUndefined();
  expect(everythingEnds(() => ['c1']).atEnd?.()).toContain('c1');
});

it('catches VMs that are left over', () => {
  expect(noLeftovers(() => []).atEnd?.()).toBeUndefined();
  expect(noLeftovers(() => ['i-1']).atEnd?.()).toContain('i-1');
});

it('catches connections that stay open, and too many channels on one', () => {
  expect(boundedChannels(6, () => 0).atEnd?.()).toBeUndefined();
  expect(boundedChannels(6, () => 1).atEnd?.()).toContain('1 executors');
  const open = { instanceId: 'i-1', command: undefined };
  expect(boundedChannels(6, () => 0).onArrival?.({ ...open, channels: 6 })).toBeUndefined();
  expect(boundedChannels(6, () => 0).onArrival?.({ ...open, channels: 7 })).toContain('7 channels');
});
