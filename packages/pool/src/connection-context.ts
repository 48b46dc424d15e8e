import type { Clock, InstanceSet, Random, RunnerDeployment } from '@drover/spec';
import type { PinnedKeys } from './host-identity.ts';
import type { PoolOptions } from './pool-options.ts';

/** What all connections of a pool share. */
export interface ConnectionContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly options: PoolOptions;
  readonly epoch: number;
  readonly pins: PinnedKeys;
  readonly hostKeys: InstanceSet['hostKeys'] | undefined;
  /** Undefined while it cannot be loaded. */
  readonly runner: () => RunnerDeployment | undefined;
  readonly gatewaySecret: (uuid: string) => string;
}
