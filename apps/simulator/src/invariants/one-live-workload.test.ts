import { expect, it } from 'vitest';
import { oneLiveWorkload } from './one-live-workload.ts';

const start = { kind: 'start', generation: 1, hostKey: 'k' } as const;

it('lets different containers live together, and one again after its end', () => {
  const invariant = oneLiveWorkload();
  expect(invariant.onRunner?.({ ...start, instanceId: 'i-1', uuid: 'a' })).toBeUndefined();
  expect(invariant.onRunner?.({ ...start, instanceId: 'i-1', uuid: 'b' })).toBeUndefined();
  invariant.onRunEnded?.({ instanceId: 'i-1', uuid: 'a', generation: 1 });
  expect(invariant.onRunner?.({ ...start, instanceId: 'i-2', uuid: 'a', generation: 2 })).toBeUndefined();
});

it.each([1, 2])('catches a second workload of one container, of generation %s', (generation) => {
  const invariant = oneLiveWorkload();
  invariant.onRunner?.({ ...start, instanceId: 'i-1', uuid: 'a' });
  invariant.onRunEnded?.({ instanceId: 'i-2', uuid: 'a', generation: 1 });
  expect(invariant.onRunner?.({ ...start, instanceId: 'i-2', uuid: 'a', generation })).toContain('live at once');
});
