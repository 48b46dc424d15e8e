import { describe, expect, it } from 'vitest';
import { closestName, editDistance } from './closest-name.ts';

describe('closestName', () => {
  const known = ['subnetId', 'maxInstances', 'ram', 'vcpus', 'env'];
  it.each([
    ['subnetID', 'subnetId'],
    ['subnet', 'subnetId'],
    ['maxInstance', 'maxInstances'],
    ['rma', 'ram'],
    ['vpcus', 'vcpus'],
    ['cpus', 'vcpus'],
    ['environment', undefined],
    ['zzz', undefined],
  ])('%s means %s', (name, meant) => expect(closestName(name, known)).toBe(meant));

  it('finds nothing among no names', () => expect(closestName('x', [])).toBeUndefined());
});

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['abc', '', 3],
    ['kitten', 'sitting', 3],
    ['ab', 'ba', 1],
    ['same', 'same', 0],
  ])('%s → %s takes %d', (a, b, distance) => expect(editDistance(a, b)).toBe(distance));
});
