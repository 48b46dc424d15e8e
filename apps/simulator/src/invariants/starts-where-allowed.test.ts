import { expect, it } from 'vitest';
import { startsWhereAllowed } from './starts-where-allowed.ts';

it('catches starts on VMs that may have none, and nothing else', () => {
  const invariant = startsWhereAllowed((id) => (id === 'i-2' ? 'is on hold' : undefined));
  const start = { kind: 'start', uuid: 'c1', generation: 1 } as const;
  expect(invariant.onRunner?.({ ...start, instanceId: 'i-1' })).toBeUndefined();
  expect(invariant.onRunner?.({ ...start, instanceId: 'i-2' })).toContain('is on hold');
  expect(invariant.onRunner?.({ ...start, kind: 'ack', instanceId: 'i-2' })).toBeUndefined();
});
