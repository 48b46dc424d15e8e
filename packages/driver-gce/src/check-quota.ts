import type { CheckResult, InstanceType } from '@drover/spec';
import * as z from 'zod';
import { type Check, result } from './check.ts';
import { regionOf } from './params.ts';
import { quotaGroupOf } from './quota-group.ts';

const regionSchema = z.object({
  quotas: z.array(z.object({ metric: z.string(), limit: z.number(), usage: z.number().nullish() })).nullish(),
});

/** Whether the region's quota leaves room for at least one VM of each type. */
export const checkQuota: Check = {
  subject: 'quota',
  doing: 'see the quota',
  setting: 'driver.zones',
  look: async ({ request: { instanceTypes }, params, sdk, options }) => {
    const region = regionOf(params.zones[0] ?? '');
    const [answer] = await sdk.regions.get({ project: params.project, region }, options);
    const quotas = new Map((regionSchema.parse(answer).quotas ?? []).map((quota) => [quota.metric, quota]));
    const results = new Map<string, CheckResult>();
    for (const type of instanceTypes) {
      const metric = metricOf(type, quotas);
      const quota = quotas.get(metric);
      const left = quota === undefined ? undefined : quota.limit - (quota.usage ?? 0);
      results.set(
        `${metric} ${left !== undefined && left < type.vcpus ? type.name : ''}`,
        judge(type, metric, region, left),
      );
    }
    return [...results.values()];
  },
};

/** Spot VMs draw on the common quota where no preemptible one was ever granted. */
function metricOf(type: InstanceType, quotas: ReadonlyMap<string, { readonly limit: number }>): string {
  if (type.preemptible && (quotas.get('PREEMPTIBLE_CPUS')?.limit ?? 0) > 0) return 'PREEMPTIBLE_CPUS';
  const group = quotaGroupOf({ ...type, preemptible: false });
  return group === 'general' ? 'CPUS' : `${group.replace('-gpu', '').toUpperCase()}_CPUS`;
}

function judge(type: InstanceType, metric: string, region: string, left: number | undefined): CheckResult {
  if (left === undefined)
    return result(
      'quota',
      'skipped',
      `${region} tells no quota ${metric} for ${type.name}: newer families have theirs under Quotas in the console.`,
    );
  if (left >= type.vcpus) return result('quota', 'ok', `${left} vCPUs of quota ${metric} are left in ${region}.`);
  const message = `${left} vCPUs of quota ${metric} are left in ${region}, and one VM of ${type.name} needs ${type.vcpus}.`;
  return result(
    'quota',
    'failed',
    message,
    `instanceTypes.${type.name}`,
    'ask for more (IAM & Admin, Quotas), or use another type or region',
  );
}
