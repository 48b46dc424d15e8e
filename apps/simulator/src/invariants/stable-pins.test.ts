import type { HostKeys } from '@drover/spec';
import { expect, it } from 'vitest';
import { stablePins } from './stable-pins.ts';

it('lets true pins come and go', () => {
  const pins = new Map<string, HostKeys>();
  const invariant = stablePins(
    () => pins,
    () => ['ssh-ed25519 A'],
  );
  expect(invariant.check?.()).toBeUndefined();
  pins.set('i-1', []);
  expect(invariant.check?.()).toBeUndefined();
  pins.set('i-1', ['ssh-ed25519 A']);
  expect(invariant.check?.()).toBeUndefined();
  pins.delete('i-1');
  expect(invariant.check?.()).toBeUndefined();
});

it('catches a pin that changes and one that is not the VM’s own', () => {
  const pins = new Map<string, HostKeys>([['i-1', ['ssh-ed25519 A']]]);
  const invariant = stablePins(
    () => pins,
    () => ['ssh-ed25519 A'],
  );
  invariant.check?.();
  pins.set('i-1', ['ssh-ed25519 B']);
  expect(invariant.check?.()).toContain('changed');
  pins.set('i-1', ['ssh-ed25519 A']);
  pins.set('i-2', ['ssh-ed25519 C']);
  expect(invariant.check?.()).toContain('foreign');
});
