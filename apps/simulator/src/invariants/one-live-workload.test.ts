import { expect, it } from 'vitest';
import type { LiveWorkload } from './invariant.ts';
import { oneLiveWorkload } from './one-live-workload.ts';

const live: LiveWorkload[] = [
  { instanceId: 'i-1', uuid: 'a', generation: 1 },
  { instanceId: 'i-1', uuid: 'b', generation: 1 },
];

it('lets different containers live together', () => {
  expect(oneLiveWorkload(() => live).check?.()).toBeUndefined();
});

it.each([1, 2])('catches a second workload of one container, of generation %s', (generation) => {
  const twice = [...live, { instanceId: 'i-2', uuid: 'a', generation }];
  expect(oneLiveWorkload(() => twice).check?.()).toContain('live at once');
});
