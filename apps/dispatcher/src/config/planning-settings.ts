import type { InstanceType } from '@drover/spec';
import type { ConfigFile } from './config-schema.ts';
import { configuredInstanceTypes, withPreemptibleTypes } from './instance-types.ts';
import { poolSettings, queueLimits, schedulingSettings } from './pool-settings.ts';

/** The part of a configuration that decides what is bought and what runs where. */
export interface PlanningSettings {
  readonly instanceTypes: readonly InstanceType[];
  readonly pool: ReturnType<typeof poolSettings>;
  readonly scheduler: ReturnType<typeof schedulingSettings>;
  readonly queueLimits: ReturnType<typeof queueLimits>;
}

/** Whatever the driver is, as on a cloud: what is peculiar to loopback VMs is left out. `otherwise`: when no types are configured. */
export function planningSettings(config: ConfigFile, otherwise: () => readonly InstanceType[]): PlanningSettings {
  const factor = config.scheduling.preemptiblePriceFactor;
  return {
    instanceTypes:
      config.instanceTypes === undefined
        ? withPreemptibleTypes(otherwise(), factor)
        : configuredInstanceTypes(config.instanceTypes, factor),
    pool: poolSettings({ ...config, driver: { name: 'simulated' } }),
    scheduler: schedulingSettings(config),
    queueLimits: queueLimits(config),
  };
}
