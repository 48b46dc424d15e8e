import { expect, it } from 'vitest';
import type { LiveWorkload } from './invariant.ts';
import { recordedIsDeleted } from './recorded-is-deleted.ts';

it('catches a result that stays on its VM for too long without a break', () => {
  const kept: LiveWorkload[] = [{ instanceId: 'i-1', uuid: 'c1', generation: 1 }];
  const invariant = recordedIsDeleted(() => kept, 2);
  expect(invariant.review?.()).toBeUndefined();
  expect(invariant.review?.()).toBeUndefined();
  expect(invariant.review?.()).toContain('c1/1 on i-1');
});

it('begins anew when the VM could not be told for a while', () => {
  const kept: LiveWorkload[] = [{ instanceId: 'i-1', uuid: 'c1', generation: 1 }];
  const invariant = recordedIsDeleted(() => kept, 1);
  expect(invariant.review?.()).toBeUndefined();
  kept.pop();
  invariant.review?.();
  kept.push({ instanceId: 'i-1', uuid: 'c1', generation: 1 });
  expect(invariant.review?.()).toBeUndefined();
  expect(invariant.review?.()).toContain('not acked');
});
