import type { Command } from '@drover/spec';
import { expect, it } from 'vitest';
import { nothingSecretBeforeProof } from './nothing-secret-before-proof.ts';

it.each<{ name: string; command: Command | undefined; proven: boolean; broken: boolean }>([
  { name: 'a harmless command', command: { command: 'cat x', allowUnverified: true }, proven: false, broken: false },
  { name: 'any other command', command: { command: 'true' }, proven: false, broken: true },
  { name: 'input', command: { command: 'x', stdin: 'y', allowUnverified: true }, proven: false, broken: true },
  { name: 'the secret', command: { command: 'echo s3cret', allowUnverified: true }, proven: false, broken: true },
  { name: 'a channel', command: undefined, proven: false, broken: true },
  { name: 'a channel, once proven,', command: undefined, proven: true, broken: false },
])('$name: broken $broken', ({ command, proven, broken }) => {
  const invariant = nothingSecretBeforeProof({ isProven: () => proven, secrets: () => ['s3cret', ''] });
  expect(invariant.onArrival?.({ instanceId: 'i-1', command, channels: 1 }) !== undefined).toBe(broken);
});
