import type { LockedContainer } from '@drover/spec';
import type { PoolOptions } from './pool-options.ts';
import type { RequestBody } from './runner-channel.ts';

/** What the runner is told to run. */
export function startRequest(
  { entry, spec }: LockedContainer,
  gpuDevices: readonly number[],
  gatewaySecret: string,
  options: Pick<PoolOptions, 'maxLogBytes' | 'killGraceMs'>,
): RequestBody {
  const { command, env, cwd, image, resources, scheduling } = spec;
  return {
    type: 'start',
    uuid: entry.uuid,
    generation: entry.generation,
    container: { command, env, ...(cwd === undefined ? {} : { cwd }), ...(image === undefined ? {} : { image }) },
    limits: {
      maxRunTimeMs: scheduling.maxRunTimeMs ?? 0,
      memoryBytes: resources.ramBytes,
      vcpus: resources.vcpus,
      maxLogBytes: options.maxLogBytes,
      killGraceMs: options.killGraceMs,
    },
    gpuDevices,
    gatewaySecret,
  };
}
