import { expect, test } from 'vitest';
import { quotaGroupOf } from './quota-group.ts';

/** VM sizes with the names of their families in Azure's list, `standard…Family` left out. */
test.each([
  ['Standard_D4s_v3', 'DSv3'],
  ['Standard_D64s_v3', 'DSv3'],
  ['Standard_D4_v3', 'Dv3'],
  ['Standard_D4as_v4', 'DASv4'],
  ['Standard_D4ds_v5', 'DDSv5'],
  ['Standard_DS2_v2', 'DSv2'],
  ['Standard_E4-2s_v3', 'ESv3'],
  ['Standard_F72s_v2', 'FSv2'],
  ['Standard_B2ms', 'BS'],
  ['Standard_B2s', 'BS'],
  ['Standard_A2m_v2', 'Av2'],
  ['Standard_M128ms', 'MS'],
  ['Standard_NC24ads_A100_v4', 'NCADSA100v4'],
  ['Standard_D2_v2_Promo', 'Dv2'],
  ['Basic_A1', 'A'],
  ['something else', 'something else'],
])('%s', (providerType, group) => {
  expect(quotaGroupOf({ providerType, preemptible: false })).toBe(group);
  expect(quotaGroupOf({ providerType, preemptible: true })).toBe('spot');
});
