import { expect, it } from 'vitest';
import { makeInstance } from '../../test/facts.ts';
import { holdIsKept } from './hold-is-kept.ts';

it('catches the end of a held VM only', () => {
  const invariant = holdIsKept((id) => id === 'i-2');
  expect(invariant.onDestroy?.(makeInstance('i-1'))).toBeUndefined();
  expect(invariant.onDestroy?.(makeInstance('i-2'))).toContain('is held');
});
