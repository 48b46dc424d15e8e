import type { InstanceType } from '@drover/spec';
import { expect, test } from 'vitest';
import { entryOf, gibibyte, optionsOf, typeOf } from '../test/entries.ts';
import { chooseTypes } from './choose-types.ts';
import { needsOf } from './needs.ts';

function choose(types: readonly InstanceType[], entry = entryOf(1), maximumPriceFactor = 1.5): string[] {
  return chooseTypes(types, entry, needsOf(entry, optionsOf()), maximumPriceFactor).map((type) => type.name);
}

test('cheapest first, then more RAM, more vcpus, more scratch, name', () => {
  const types = [
    typeOf('dear', { pricePerHour: 1.2 }),
    typeOf('b'),
    typeOf('a'),
    typeOf('more-scratch', { scratchBytes: 200 * gibibyte }),
    typeOf('more-vcpus', { vcpus: 8 }),
    typeOf('more-ram', { ramBytes: 32 * gibibyte }),
  ];
  expect(choose(types)).toEqual(['more-ram', 'more-vcpus', 'more-scratch', 'a', 'b', 'dear']);
});

test.each([
  [1.5, ['p1', 'p1.5']],
  [1.6, ['p1', 'p1.5', 'p1.6']],
  [1, ['p1']],
  [0, ['p1']],
])('price factor %d leaves %j', (factor, expected) => {
  const types = [1, 1.5, 1.6].map((pricePerHour) => typeOf(`p${pricePerHour}`, { pricePerHour }));
  expect(choose(types, entryOf(1), factor)).toEqual(expected);
});

test('a type too small for the container does not set the price', () => {
  const types = [typeOf('cheap', { vcpus: 1, pricePerHour: 0.1 }), typeOf('fits')];
  expect(choose(types, entryOf(1, { resources: { vcpus: 2 } }))).toEqual(['fits']);
});

test('a free type comes first and cuts no other', () => {
  const types = [typeOf('b', { pricePerHour: 2 }), typeOf('a'), typeOf('free', { pricePerHour: 0 })];
  expect(choose(types)).toEqual(['free', 'a']);
  expect(choose(types.toReversed())).toEqual(['free', 'a']);
});

const mixed = [
  typeOf('on-demand-2', { pricePerHour: 1.2 }),
  typeOf('on-demand'),
  typeOf('spot', { pricePerHour: 0.3, preemptible: true }),
  typeOf('spot-2', { pricePerHour: 0.4, preemptible: true }),
];

test.each([
  [false, ['on-demand', 'on-demand-2']],
  [true, ['spot', 'spot-2']],
  ['prefer' as const, ['spot', 'spot-2', 'on-demand', 'on-demand-2']],
])('preemptible: %s', (preemptible, expected) => {
  expect(choose(mixed, entryOf(1, { scheduling: { preemptible } }))).toEqual(expected);
});

test('after too many interruptions only on-demand is left, whatever was asked', () => {
  for (const preemptible of [true, 'prefer', false] as const) {
    const entry = entryOf(1, { scheduling: { preemptible }, onDemandOnly: true });
    expect(choose(mixed, entry)).toEqual(['on-demand', 'on-demand-2']);
  }
});

test.each([
  [['m5*'], ['m5.large', 'm5.xlarge']],
  [
    ['m5.large', 'c5.*'],
    ['c5.large', 'm5.large'],
  ],
  [['*large'], ['c5.large', 'm5.large', 'm5.xlarge']],
  [['m5.large.*'], []],
  [['m5'], []],
  [[], ['c5.large', 'm5.large', 'm5.xlarge']],
])('types asked for: %j', (instanceTypes, expected) => {
  const types = ['m5.xlarge', 'm5.large', 'c5.large'].map((name) => typeOf(name));
  expect(choose(types, entryOf(1, { scheduling: { instanceTypes } }))).toEqual(expected);
});

test('nothing dearer than the user wants', () => {
  expect(choose(mixed, entryOf(1, { scheduling: { maxPricePerHour: 1.1 } }))).toEqual(['on-demand']);
});
