import type { CheckResult } from '@drover/spec';
import { result } from './check.ts';
import { mapError } from './map-error.ts';
import { eachPage } from './pages.ts';
import type { AzureSurroundings } from './surroundings.ts';
import { subnetId } from './vm-body.ts';

const setting = 'driver.subnet';

/** Whether the subnet is there, and has free addresses. */
export async function checkNetwork(around: AzureSurroundings, signal: AbortSignal): Promise<readonly CheckResult[]> {
  const { clients, params, context } = around;
  const { resourceGroup, networkResourceGroup = resourceGroup, network, subnet } = params;
  const options = { abortSignal: signal };
  try {
    await clients.network.subnets.get(networkResourceGroup, network, subnet, options);
  } catch (error) {
    const mapped = mapError(error, { doing: 'look at network', nowMs: context.clock.wallMs() });
    if (mapped.code !== 'CLOUD_NOT_FOUND') throw mapped;
    return [
      result('network', 'failed', `there is no subnet ${subnet} in ${network} of ${networkResourceGroup}`, {
        setting,
        fix: 'correct driver.network, driver.networkResourceGroup or driver.subnet',
      }),
    ];
  }
  const wanted = subnetId(params).toLowerCase();
  let free: number | undefined;
  const usages = clients.network.virtualNetworks.listUsage(networkResourceGroup, network, options);
  await eachPage(usages, signal, ({ id, currentValue, limit }) => {
    if (id?.toLowerCase() === wanted && currentValue !== undefined && limit !== undefined) free = limit - currentValue;
  });
  if (free === undefined) return [result('network', 'ok', `the subnet ${subnet} is there`)];
  if (free > 0) return [result('network', 'ok', `the subnet ${subnet} has ${free} free addresses`)];
  return [
    result('network', 'failed', `the subnet ${subnet} has no free address`, {
      setting,
      fix: 'widen the subnet, or name another',
    }),
  ];
}
