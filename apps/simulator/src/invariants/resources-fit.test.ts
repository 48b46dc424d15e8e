import { expect, it } from 'vitest';
import { resourcesFit } from './resources-fit.ts';

const start = { kind: 'start', instanceId: 'i-1', generation: 1, hostKey: 'k' } as const;

it.each([
  { name: 'cpus', needs: { vcpus: 3, ramBytes: 1 }, maxContainers: 0 },
  { name: 'memory', needs: { vcpus: 1, ramBytes: 6 }, maxContainers: 0 },
  { name: 'places', needs: { vcpus: 1, ramBytes: 1 }, maxContainers: 1 },
])('catches a VM that is given more than it has $name for', ({ needs, maxContainers }) => {
  const invariant = resourcesFit({ needs: () => needs, size: () => ({ vcpus: 4, ramBytes: 10 }), maxContainers });
  expect(invariant.onRunner?.({ ...start, uuid: 'a' })).toBeUndefined();
  expect(invariant.onRunner?.({ ...start, uuid: 'b' })).toBeDefined();
  invariant.onRunEnded?.({ instanceId: 'i-1', uuid: 'b', generation: 1 });
  invariant.onRunEnded?.({ instanceId: 'i-1', uuid: 'a', generation: 1 });
  expect(invariant.onRunner?.({ ...start, uuid: 'c' })).toBeUndefined();
});
