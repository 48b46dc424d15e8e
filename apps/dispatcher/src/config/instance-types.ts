import type { InstanceType } from '@drover/spec';
import type { ConfigFile } from './config-schema.ts';

/** The types of a configuration; without any, this machine is one. */
export async function configuredTypes(config: ConfigFile): Promise<readonly InstanceType[]> {
  if (config.instanceTypes !== undefined)
    return configuredInstanceTypes(config.instanceTypes, config.scheduling.preemptiblePriceFactor);
  const { localhostInstanceType } = await import('@drover/driver-loopback');
  return [localhostInstanceType()];
}

type ConfiguredTypes = NonNullable<ConfigFile['instanceTypes']>;

/**
 * The configured types; with a preemptible price factor above 0 each on-demand type gets a `NAME.preemptible` beside it, unless
 * that name exists already.
 */
export function configuredInstanceTypes(
  types: ConfiguredTypes,
  preemptiblePriceFactor: number,
): readonly InstanceType[] {
  const list = Object.entries(types).map(([name, type]) => toInstanceType(name, type));
  return withPreemptibleTypes(list, preemptiblePriceFactor);
}

/** The same types and, with a factor above 0, the preemptible ones beside them. */
export function withPreemptibleTypes(
  list: readonly InstanceType[],
  preemptiblePriceFactor: number,
): readonly InstanceType[] {
  if (preemptiblePriceFactor <= 0) return list;
  const names = new Set(list.map((type) => type.name));
  const added = list
    .filter((type) => !type.preemptible && !names.has(`${type.name}.preemptible`))
    .map((type) => ({
      ...type,
      name: `${type.name}.preemptible`,
      preemptible: true,
      pricePerHour: type.pricePerHour * preemptiblePriceFactor,
    }));
  return [...list, ...added];
}

function toInstanceType(name: string, type: ConfiguredTypes[string]): InstanceType {
  return {
    name,
    providerType: type.providerType ?? name,
    vcpus: type.vcpus,
    ramBytes: type.ram,
    scratchBytes: type.includedScratch + type.addedScratch,
    includedScratchBytes: type.includedScratch,
    addedScratchBytes: type.addedScratch,
    pricePerHour: type.price,
    preemptible: type.preemptible,
    ...(type.gpu === undefined
      ? {}
      : {
          gpu: {
            stack: type.gpu.stack,
            count: type.gpu.count,
            vramBytes: type.gpu.vram,
            driverVersion: type.gpu.driverVersion,
            hardwareTarget: type.gpu.hardwareTarget,
          },
        }),
  };
}
