import type { InstanceType } from '@drover/spec';

/** Azure has one quota of cores for all spot VMs of a region (`lowPriorityCores`). */
const spotGroup = 'spot';

/**
 * What shares a quota of cores: VM sizes of one family and version, e.g. `DSv3` for `Standard_D4s_v3`. Letters for more (`m`) or
 * very little (`t`) memory do not make a family. The name is ours; Azure's own (`standardDSv3Family`) is only in its list of sizes.
 */
export function quotaGroupOf({
  providerType,
  preemptible,
}: Pick<InstanceType, 'providerType' | 'preemptible'>): string {
  if (preemptible) return spotGroup;
  const [, series = '', features = '', rest = ''] =
    /^(?:Standard_|Basic_)?([A-Z]+)\d+(?:-\d+)?([a-z]*)(.*?)(?:_Promo)?$/i.exec(providerType) ?? [];
  if (series === '') return providerType;
  return series + features.replaceAll(/[mt]/g, '').toUpperCase() + rest.replaceAll('_', '');
}
