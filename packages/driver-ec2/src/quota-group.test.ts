import { expect, test } from 'vitest';
import { quotaGroupOf } from './quota-group.ts';

const typeOf = (providerType: string, preemptible = false) => ({
  name: 'x',
  providerType,
  vcpus: 1,
  ramBytes: 1,
  scratchBytes: 0,
  includedScratchBytes: 0,
  addedScratchBytes: 0,
  pricePerHour: 1,
  preemptible,
});

test.each([
  ['m5.large', 'standard'],
  ['t3.micro', 'standard'],
  ['c7gn.large', 'standard'],
  ['r6id.xlarge', 'standard'],
  ['g5.xlarge', 'g'],
  ['vt1.3xlarge', 'g'],
  ['p4d.24xlarge', 'p'],
  ['p5.48xlarge', 'p5'],
  ['p5en.48xlarge', 'p5'],
  ['trn1.2xlarge', 'trn'],
  ['inf2.xlarge', 'inf'],
  ['u-6tb1.metal', 'u'],
  ['hpc7a.48xlarge', 'hpc'],
])('%s counts as %s, spot apart', (providerType, group) => {
  expect(quotaGroupOf(typeOf(providerType), {})).toBe(group);
  expect(quotaGroupOf(typeOf(providerType, true), {})).toBe(`${group}+spot`);
});

test('the configuration adds to it and decides', () => {
  const configured = { m7i: 'newest', hpc: 'standard' };
  expect(quotaGroupOf(typeOf('m7i.large'), configured)).toBe('newest');
  expect(quotaGroupOf(typeOf('m5.large'), configured)).toBe('standard');
  expect(quotaGroupOf(typeOf('hpc7a.48xlarge'), configured)).toBe('standard');
});
