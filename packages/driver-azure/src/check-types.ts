import type { CheckResult, InstanceType } from '@drover/spec';
import { result } from './check.ts';
import { eachPage } from './pages.ts';
import type { SdkSize } from './sdk-subset.ts';
import type { AzureSurroundings } from './surroundings.ts';

/** VM sizes of the location by name in lower case. */
export type Sizes = ReadonlyMap<string, SdkSize>;

/** All VM sizes that the location has, for this subscription. One long list: several thousand entries for all kinds of things. */
export async function sizesOf({ clients, params }: AzureSurroundings, signal: AbortSignal): Promise<Sizes> {
  const sizes = new Map<string, SdkSize>();
  const filter = `location eq '${params.location}'`;
  await eachPage(clients.compute.resourceSkus.list({ abortSignal: signal, filter }), signal, (size) => {
    if (size.resourceType === 'virtualMachines' && size.name !== undefined) sizes.set(size.name.toLowerCase(), size);
  });
  return sizes;
}

/** Whether each instance type is a VM size of the location, sold to this subscription, in the configured zones. */
export function checkTypes(
  { params }: AzureSurroundings,
  types: readonly InstanceType[],
  sizes: Sizes,
): readonly CheckResult[] {
  const problems = types.flatMap((type) => problemsOf(type, sizes.get(type.providerType.toLowerCase()), params));
  if (problems.length > 0) return problems;
  return [result('types', 'ok', `all ${types.length} instance types are VM sizes of ${params.location}`)];
}

function problemsOf(
  { name, providerType, vcpus, preemptible }: InstanceType,
  size: SdkSize | undefined,
  { location, zones }: AzureSurroundings['params'],
): readonly CheckResult[] {
  const setting = `instanceTypes.${name}`;
  if (size === undefined)
    return [
      result('types', 'failed', `${name}: ${location} has no VM size ${providerType}`, {
        setting,
        fix: 'correct providerType, or driver.location',
      }),
    ];
  const found: CheckResult[] = [];
  const restricted = size.restrictions?.find(({ type }) => type === 'Location');
  if (restricted !== undefined)
    found.push(
      result(
        'types',
        'failed',
        `${name}: ${providerType} is not sold in ${location} (${restricted.reasonCode ?? 'no reason given'})`,
        {
          setting,
          fix: 'ask Microsoft for access, or choose another VM size or driver.location',
        },
      ),
    );
  const offered = size.locationInfo?.flatMap((info) => info.zones ?? []) ?? [];
  const missing = zones.filter((zone) => !offered.includes(zone));
  if (missing.length > 0)
    found.push(
      result(
        'types',
        'warning',
        `${name}: ${providerType} is not offered in zone ${missing.join(', ')} of ${location}`,
        {
          setting: 'driver.zones',
          fix: 'leave the zone out, or expect creates there to fail',
        },
      ),
    );
  const capability = (key: string): string | undefined => size.capabilities?.find((one) => one.name === key)?.value;
  if (preemptible && capability('LowPriorityCapable') === 'False')
    found.push(
      result('types', 'failed', `${name}: ${providerType} is not offered as spot`, {
        setting,
        fix: 'set preemptible: false',
      }),
    );
  const cores = Number(capability('vCPUs') ?? vcpus);
  if (cores < vcpus)
    found.push(
      result('types', 'warning', `${name}: ${providerType} has ${cores} vCPUs, and the configuration says ${vcpus}`, {
        setting: `${setting}.vcpus`,
        fix: `write ${cores}`,
      }),
    );
  return found;
}
