import { expect, it } from 'vitest';
import { type Picture, sameDecisions } from './same-decisions.ts';

const vm = { id: 'i-1', type: 'small', state: 'idle', behavior: 'run', runs: [], uncollected: 0 };
const picture: Picture = { vms: [vm], actions: ['create small'] };

it.each<{ name: string; recovered: Picture; says: string }>([
  { name: 'is the same', recovered: picture, says: 'nothing is wrong' },
  {
    name: 'sees another behaviour',
    recovered: { ...picture, vms: [{ ...vm, behavior: 'hold' }] },
    says: 'small idle hold',
  },
  { name: 'misses a run', recovered: { ...picture, vms: [{ ...vm, runs: ['a/1'] }] }, says: 'runs a/1' },
  { name: 'would do nothing', recovered: { ...picture, actions: [] }, says: 'would do [create small]' },
])('one started anew $name', ({ recovered, says }) => {
  let compared = 0;
  const invariant = sameDecisions({
    pictures: () => ({ running: picture, recovered }),
    onCompared: () => (compared += 1),
  });
  expect(invariant.review?.() ?? 'nothing is wrong').toContain(says);
  expect(compared).toBe(1);
});

it('says nothing while anything is under way', () => {
  const invariant = sameDecisions({ pictures: () => undefined, onCompared: () => undefined });
  expect(invariant.review?.()).toBeUndefined();
});
