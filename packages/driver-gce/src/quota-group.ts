import type { InstanceType } from '@drover/spec';

/** Families that share the quota called CPUS; every other family has one of its own. */
const generalFamilies = new Set(['e2', 'f1', 'g1', 'n1']);

/**
 * Which quota a type draws on: that of its machine family, of the general ones, or of spot VMs, which is one for all families
 * that have no GPU (PREEMPTIBLE_CPUS).
 */
export function quotaGroupOf({ providerType, preemptible, gpu }: InstanceType): string {
  const family = providerType.split('-')[0] ?? providerType;
  if (gpu !== undefined) return `${family}-gpu${preemptible ? '-preemptible' : ''}`;
  if (preemptible) return 'preemptible';
  return generalFamilies.has(family) ? 'general' : family;
}
