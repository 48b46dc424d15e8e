import type { runnerSource } from '@drover/runner';
import type { PreemptionWatch } from '@drover/spec';
import type { ConfigFile } from './config-schema.ts';

/** What the configuration does not say itself. */
export interface RunnerSurroundings {
  /** Of the driver's cloud. */
  readonly preemptionWatch: PreemptionWatch;
  /** Nobody else may write there. */
  readonly cacheDirectory: string;
  /** Where the runner goes when VMs share this machine's files. */
  readonly sharedDirectory: string | undefined;
}

/** How the configuration wants the runner brought to VMs. */
export function runnerSettings(
  config: ConfigFile,
  { preemptionWatch, cacheDirectory, sharedDirectory }: RunnerSurroundings,
): Parameters<typeof runnerSource>[0] {
  const deployDirectory = config.pool.deployDirectory ?? sharedDirectory;
  const { node, nodeBinaries, imageEngine, powerOffCommand } = config.runner;
  return {
    preemptionWatch,
    cacheDirectory,
    ...(deployDirectory === undefined ? {} : { deployDirectory }),
    ...(node === undefined ? {} : { node }),
    ...(nodeBinaries === undefined ? {} : { nodeBinaries }),
    ...(imageEngine === undefined ? {} : { imageEngine }),
    ...(powerOffCommand === undefined ? {} : { powerOffCommand }),
  };
}
