import type { GpuNeeds, QueueEntry } from '@drover/spec';
import { defaultSchedulerOptions, type SchedulerOptions } from '../src/scheduler-options.ts';
import { ShapeTable } from '../src/shape.ts';
import { instanceTypeOf } from './run-pass.ts';
import type { ChoiceGiven, ChoiceVector } from './vector-format.ts';

/** Finds needs and eligible types of one recorded container with the production code, told as the vectors do. */
export function choose(given: ChoiceGiven): ChoiceVector['expect'] {
  const options: SchedulerOptions = {
    ...defaultSchedulerOptions,
    instanceTypes: given.instanceTypes.map(instanceTypeOf),
    maximumPriceFactor: given.maximumPriceFactor,
    reserveExtraRamBytes: given.reserveExtraRam,
    localKeepBlobBuffersPerVcpu: given.keepBlobBuffersPerVcpu,
  };
  const { needs, types } = new ShapeTable(options).shapeOf(entryOf(given.container));
  return {
    types: types.map((type) => type.name),
    unsatisfiable: types.length === 0,
    needs: {
      gpuVram: given.container.gpu.vram,
      gpus: needs.gpus,
      ram: needs.ramBytes,
      scratch: needs.scratchBytes,
      vcpus: needs.vcpus,
    },
  };
}

function entryOf(container: ChoiceGiven['container']): QueueEntry {
  const gpu = gpuOf(container.gpu);
  return {
    uuid: 'zzzzz-dz642-000000000000000',
    state: 'Queued',
    priority: 1,
    generation: 0,
    resources: {
      vcpus: container.vcpus,
      ramBytes: container.ram,
      cacheRamBytes: container.cacheRam,
      scratchBytes: container.tmpMounts,
      cacheDiskBytes: container.cacheDisk,
      ...(gpu === undefined ? {} : { gpu }),
    },
    scheduling: { priority: 1, preemptible: container.preemptible, supervisor: false },
    image: container.image,
    submittedAtMs: 0,
    sequence: 0,
    infrastructureFailures: 0,
  };
}

function gpuOf(gpu: ChoiceGiven['container']['gpu']): GpuNeeds | undefined {
  if (gpu.stack === '' && gpu.count === 0 && gpu.vram === 0) return undefined;
  const { stack, count, vram, driverVersion, hardwareTarget } = gpu;
  return { stack, count, vramBytes: vram, driverVersion, hardwareTargets: hardwareTarget };
}
