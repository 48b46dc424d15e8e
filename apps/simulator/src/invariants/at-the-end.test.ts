import { expect, it } from 'vitest';
import { everythingEnds } from './everything-ends.ts';
import { noLeftovers } from './no-leftovers.ts';

it('catches containers that never end', () => {
  expect(everythingEnds(() => []).atEnd?.()).toBeUndefined();
  expect(everythingEnds(() => ['c1']).atEnd?.()).toContain('c1');
});

it('catches VMs and locks that are left over', () => {
  const none = (): readonly string[] => [];
  expect(noLeftovers(none, none).atEnd?.()).toBeUndefined();
  expect(noLeftovers(() => ['i-1'], none).atEnd?.()).toContain('i-1');
  expect(noLeftovers(none, () => ['c1']).atEnd?.()).toContain('c1');
});
