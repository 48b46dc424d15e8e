import { expect, it } from 'vitest';
import { makeInstance } from '../test/facts.ts';
import { InvariantWatch } from './invariant-watch.ts';

it('asks at the right moments and keeps the first violation', () => {
  const invariants = [
    { number: 7, rule: 'seven', onCreate: (count: number) => (count > 1 ? 'too many' : undefined) },
    { number: 10, rule: 'ten', onDestroy: () => 'destroyed' },
  ];
  const watch = new InvariantWatch(invariants, () => 42);
  watch.afterStep();
  watch.create(1);
  expect(watch.violation).toBeUndefined();
  watch.create(2);
  watch.destroy(makeInstance());
  expect(watch.violation).toEqual({ number: 7, rule: 'seven', detail: 'too many', atMs: 42 });
  watch.fail('else', 'late');
  expect(watch.violation?.number).toBe(7);
});
