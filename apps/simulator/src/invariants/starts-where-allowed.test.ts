import { expect, it } from 'vitest';
import { startsWhereAllowed } from './starts-where-allowed.ts';

it('catches starts on VMs that may have none, and nothing else', () => {
  const invariant = startsWhereAllowed(({ instanceId }) => (instanceId === 'i-2' ? 'is on hold' : undefined));
  const start = { kind: 'start', uuid: 'c1', generation: 1, hostKey: 'k' } as const;
  expect(invariant.onRunner?.({ ...start, instanceId: 'i-1' })).toBeUndefined();
  expect(invariant.onRunner?.({ ...start, instanceId: 'i-2' })).toContain('is on hold');
  expect(invariant.onRunner?.({ kind: 'ack', uuid: 'c1', generation: 1, instanceId: 'i-2' })).toBeUndefined();
});
