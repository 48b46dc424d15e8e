import { expect, it } from 'vitest';
import { stablePins } from './stable-pins.ts';

const a = ['ssh-ed25519 A'];
const b = ['ssh-ed25519 B'];
const setA = { dispatcher: 1, port: 'state', operation: 'setPin', subject: 'i-1', request: a, changes: true } as const;
const read = { dispatcher: 2, port: 'state', operation: 'pins', subject: '', changes: false } as const;

function setUp(vouched: readonly string[] = []) {
  return stablePins(
    () => [...a, ...b],
    () => vouched,
  );
}

it('lets true pins come, be emptied and come again', () => {
  const invariant = setUp();
  invariant.onAnswer?.(setA, { ok: true, value: undefined });
  for (const keys of [a, [], a]) expect(invariant.onPin?.('i-1', keys)).toBeUndefined();
});

it.each([
  { name: 'that was answered', call: setA, answer: { ok: true, value: undefined } as const },
  { name: 'that was read', call: read, answer: { ok: true, value: new Map([['i-1', a]]) } as const },
])('catches the change of a pin $name', ({ call, answer }) => {
  const invariant = setUp();
  invariant.onPin?.('i-1', a);
  invariant.onAnswer?.(call, answer);
  expect(invariant.onPin?.('i-1', b)).toContain('changed');
});

it('lets a pin change of which nobody has heard that it landed', () => {
  const invariant = setUp();
  invariant.onPin?.('i-1', a);
  invariant.onAnswer?.(setA, { ok: false, error: new Error('x') });
  expect(invariant.onPin?.('i-1', b)).toBeUndefined();
});

it('lets a key change that the cloud vouches for, and catches foreign ones', () => {
  const invariant = setUp(b);
  invariant.onAnswer?.(setA, { ok: true, value: undefined });
  expect(invariant.onPin?.('i-1', b)).toBeUndefined();
  expect(invariant.onPin?.('i-2', ['ssh-ed25519 C'])).toContain('foreign');
});
