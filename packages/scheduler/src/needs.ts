import type { QueueEntry } from '@drover/spec';
import { imageSizeBytes } from './image-size.ts';
import type { SchedulerOptions } from './scheduler-options.ts';

/** What a container takes of a VM, reserves included. */
export interface Needs {
  readonly vcpus: number;
  readonly ramBytes: number;
  readonly scratchBytes: number;
  /** GPU devices. Their VRAM is a property of each device and not a sum to be used up. */
  readonly gpus: number;
}

type NeedsOptions = Pick<SchedulerOptions, 'reserveExtraRamBytes' | 'localKeepBlobBuffersPerVcpu'>;

const mebibyte = 1024 * 1024;
/** RAM of a keepstore without its buffers. Source: the reference's figure, 200 MiB and 10 %. */
const keepstoreRamBytes = 220 * mebibyte;
const keepBufferBytes = 64 * mebibyte;

/** The needs of a container as the reference counts them, integer rounding included. */
export function needsOf(entry: Pick<QueueEntry, 'resources' | 'image'>, options: NeedsOptions): Needs {
  const { resources } = entry;
  return {
    vcpus: resources.vcpus,
    ramBytes: ramNeeded(resources, options),
    scratchBytes: scratchNeeded(resources, imageSizeBytes(entry.image)),
    gpus: resources.gpu?.count ?? 0,
  };
}

/** A VM is assumed to have 5 % less RAM than its type says. */
function ramNeeded(resources: QueueEntry['resources'], options: NeedsOptions): number {
  const buffers = options.localKeepBlobBuffersPerVcpu;
  let bytes = resources.ramBytes + resources.cacheRamBytes + options.reserveExtraRamBytes;
  if (buffers > 0) {
    bytes += keepstoreRamBytes + integerQuotient(buffers * resources.vcpus * keepBufferBytes * 11, 10);
  }
  return integerQuotient(bytes * 20, 19);
}

/** Loading an image takes its size twice for a while: once where the container's own scratch will be. */
function scratchNeeded(resources: QueueEntry['resources'], imageBytes: number): number {
  const tmpBytes = resources.scratchBytes.reduce((sum, bytes) => sum + bytes, 0);
  return Math.max(tmpBytes, imageBytes) + imageBytes + resources.cacheDiskBytes;
}

/** Exact for whole numbers up to 2^53, where a floating-point division need not be. */
function integerQuotient(dividend: number, divisor: number): number {
  return (dividend - (dividend % divisor)) / divisor;
}
