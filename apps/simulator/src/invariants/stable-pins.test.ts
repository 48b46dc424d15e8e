import { expect, it } from 'vitest';
import { stablePins } from './stable-pins.ts';

it('lets true pins come, be emptied and come again', () => {
  const invariant = stablePins(
    () => ['ssh-ed25519 A'],
    () => [],
  );
  for (const keys of [[], ['ssh-ed25519 A'], [], ['ssh-ed25519 A']])
    expect(invariant.onPin?.('i-1', keys)).toBeUndefined();
});

it('catches a pin that changes and one that is not the VM’s own', () => {
  const invariant = stablePins(
    () => ['ssh-ed25519 A'],
    () => [],
  );
  invariant.onPin?.('i-1', ['ssh-ed25519 A']);
  expect(invariant.onPin?.('i-1', ['ssh-ed25519 B'])).toContain('changed');
  expect(invariant.onPin?.('i-2', ['ssh-ed25519 C'])).toContain('foreign');
});

it('lets a key change that the cloud vouches for', () => {
  const invariant = stablePins(
    () => ['ssh-ed25519 A', 'ssh-ed25519 B'],
    () => ['ssh-ed25519 B'],
  );
  invariant.onPin?.('i-1', ['ssh-ed25519 A']);
  expect(invariant.onPin?.('i-1', ['ssh-ed25519 B'])).toBeUndefined();
  expect(invariant.onPin?.('i-1', ['ssh-ed25519 A'])).toContain('changed');
});
