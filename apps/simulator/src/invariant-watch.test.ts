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

it('looks at the whole world as often as it was told, and hears of each moment', () => {
  const asked = { check: 0, review: 0, onDestroy: 0 };
  const count = (moment: keyof typeof asked) => () => {
    asked[moment] += 1;
    return undefined;
  };
  const invariant = {
    number: 1,
    rule: 'one',
    check: count('check'),
    review: count('review'),
    onDestroy: count('onDestroy'),
  };
  const watch = new InvariantWatch([invariant], () => 0, { everySteps: 3, everyMinutes: 2 });
  for (let i = 0; i < 7; i += 1) {
    watch.afterStep();
    watch.everyMinute();
    watch.destroy(makeInstance());
  }
  expect(asked).toEqual({ check: 2, review: 3, onDestroy: 7 });
});
