import type { CheckResult, InstanceType } from '@drover/spec';
import { result } from './check.ts';
import type { Sizes } from './check-types.ts';
import { eachPage } from './pages.ts';
import type { AzureSurroundings } from './surroundings.ts';

interface Usage {
  readonly used: number;
  readonly limit: number;
}

/** Whether there are cores left for one VM of each type: in its family and the region, or among those for spot. */
export async function checkQuota(
  { clients, params }: AzureSurroundings,
  types: readonly InstanceType[],
  sizes: Sizes,
  signal: AbortSignal,
): Promise<readonly CheckResult[]> {
  const usages = new Map<string, Usage>();
  await eachPage(clients.compute.usage.list(params.location, { abortSignal: signal }), signal, (usage) => {
    const name = usage.name?.value;
    if (name !== undefined) usages.set(name.toLowerCase(), { used: usage.currentValue ?? 0, limit: usage.limit ?? 0 });
  });
  const asked = new Map<string, number>();
  for (const { providerType, preemptible, vcpus } of types) {
    const family = sizes.get(providerType.toLowerCase())?.family;
    const names = preemptible ? ['lowPriorityCores'] : [...(family === undefined ? [] : [family]), 'cores'];
    for (const name of names) asked.set(name, Math.max(asked.get(name) ?? 0, vcpus));
  }
  const results = [...asked].flatMap(([name, vcpus]) => {
    const usage = usages.get(name.toLowerCase());
    return usage === undefined ? [] : [ofQuota(name, usage, vcpus, params.location)];
  });
  return results.length > 0 ? results : [result('quota', 'skipped', 'Azure names no quota for these instance types')];
}

function ofQuota(name: string, { used, limit }: Usage, vcpus: number, location: string): CheckResult {
  const message = `${used} of ${limit} cores of the quota ${name} in ${location} are in use`;
  if (limit - used >= vcpus) return result('quota', 'ok', message);
  const fix = 'ask for more in the portal under Quotas, or choose other VM sizes';
  // In use by VMs that may go is one thing, too small for even one VM another.
  const outcome = limit < vcpus ? 'failed' : 'warning';
  return result('quota', outcome, `${message}, and one VM needs ${vcpus}`, { setting: 'instanceTypes', fix });
}
