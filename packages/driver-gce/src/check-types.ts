import type { CheckResult, InstanceType } from '@drover/spec';
import * as z from 'zod';
import { type Check, type CheckContext, result } from './check.ts';
import { readFault } from './fault.ts';
import { isNotFound } from './map-error.ts';

const machineTypeSchema = z.object({ guestCpus: z.number().nullish(), memoryMb: z.number().nullish() });
const mib = 1_048_576;

/** Each type is sold in the zones, and is no smaller than the configuration believes. */
export const checkTypes: Check = {
  subject: 'types',
  doing: 'see the machine types',
  setting: 'instanceTypes',
  look: async (context) =>
    (await Promise.all(context.request.instanceTypes.map((type) => checkType(type, context)))).flat(),
};

async function checkType(type: InstanceType, context: CheckContext): Promise<readonly CheckResult[]> {
  const { zones } = context.params;
  const found = await Promise.all(zones.map((zone) => machineType(type.providerType, zone, context)));
  const missing = zones.filter((_, index) => found[index] === undefined);
  const setting = `instanceTypes.${type.name}.providerType`;
  const fix = `see \`gcloud compute machine-types list --zones=${zones.join(',')}\``;
  if (missing.length === zones.length)
    return [result('types', 'failed', `None of the zones has ${type.providerType}.`, setting, fix)];
  const results: CheckResult[] = [];
  if (missing.length > 0)
    results.push(result('types', 'warning', `${missing.join(', ')}: no ${type.providerType} there.`, setting, fix));
  const size = found.find((each) => each !== undefined);
  const isSmaller = (size?.guestCpus ?? 0) < type.vcpus || (size?.memoryMb ?? 0) * mib < type.ramBytes;
  if (isSmaller) {
    const message = `${type.providerType} has ${size?.guestCpus ?? 0} vCPUs and ${size?.memoryMb ?? 0} MiB, less than ${type.name} is configured with.`;
    results.push(
      result(
        'types',
        'failed',
        message,
        `instanceTypes.${type.name}`,
        'set vcpus and ram to what the machine type has',
      ),
    );
  }
  return results.length > 0 ? results : [result('types', 'ok', `${type.providerType} is in ${zones.join(', ')}.`)];
}

async function machineType(
  name: string,
  zone: string,
  { params, sdk, options }: CheckContext,
): Promise<z.output<typeof machineTypeSchema> | undefined> {
  try {
    const [answer] = await sdk.machineTypes.get({ project: params.project, zone, machineType: name }, options);
    return machineTypeSchema.parse(answer);
  } catch (error) {
    // A zone that does not exist is another matter.
    if (isNotFound(error) && readFault(error).message.includes('/machineTypes/')) return undefined;
    throw error;
  }
}
