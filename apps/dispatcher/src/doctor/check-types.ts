import { formatSize } from '@drover/management-api/units';
import { defaultSchedulerOptions } from '@drover/scheduler';
import type { InstanceSet, InstanceType } from '@drover/spec';
import type { ConfigFile } from '../config/config-schema.ts';
import { poolSettings, schedulingSettings } from '../config/pool-settings.ts';
import { type DoctorCheck, failed, ok } from './doctor-check.ts';

/** Can every configured type be bought through the driver, and hold a container? */
export function checkTypes(
  config: ConfigFile,
  instanceTypes: readonly InstanceType[],
  instanceSet: InstanceSet,
): readonly DoctorCheck[] {
  const found = instanceTypes.flatMap((type) => [...checkRam(config, type), ...checkOfferings(type, instanceSet)]);
  const names = instanceTypes.map((type) => type.name).join(', ');
  return [
    ...(found.length === 0 ? [ok('types', `${names}: each can be bought and used`)] : found),
    ...checkLimit(config),
  ];
}

function checkRam(config: ConfigFile, { name, ramBytes }: InstanceType): readonly DoctorCheck[] {
  const { reserveExtraRamBytes } = { ...defaultSchedulerOptions, ...schedulingSettings(config) };
  if (ramBytes > reserveExtraRamBytes) return [];
  const message = `no container fits on ${name}: of its ${formatSize(ramBytes)} RAM ${formatSize(reserveExtraRamBytes)} are reserved`;
  const fix = 'give it more RAM, or lower scheduling.reserveExtraRam';
  return [{ subject: 'types', outcome: 'failed', message, setting: `instanceTypes.${name}.ram`, fix }];
}

function checkOfferings(type: InstanceType, instanceSet: InstanceSet): readonly DoctorCheck[] {
  const setting = `instanceTypes.${type.name}`;
  try {
    if (instanceSet.offerings(type).length > 0) return [];
    const message = `the driver has no way to buy ${type.name}`;
    return [{ subject: 'types', outcome: 'failed', message, setting, fix: 'check its providerType' }];
  } catch (error) {
    return [failed('types', error, setting)];
  }
}

function checkLimit(config: ConfigFile): readonly DoctorCheck[] {
  const { maxInstances } = poolSettings(config);
  if (maxInstances !== 0) return [];
  const message = 'nothing limits how many VMs there may be at once, nor what they cost';
  return [{ subject: 'quota', outcome: 'warning', message, setting: 'pool.maxInstances', fix: 'set a limit' }];
}
