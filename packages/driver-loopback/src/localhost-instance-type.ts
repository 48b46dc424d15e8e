import { statfsSync } from 'node:fs';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import type { InstanceType } from '@drover/spec';

/** This machine as an instance type: its CPUs, its memory, what is free where temporary files go, at a price of 1. */
export function localhostInstanceType(): InstanceType {
  const { bavail, bsize } = statfsSync(tmpdir());
  const scratchBytes = bavail * bsize;
  return {
    name: 'localhost',
    providerType: 'localhost',
    vcpus: availableParallelism(),
    ramBytes: totalmem(),
    scratchBytes,
    includedScratchBytes: scratchBytes,
    addedScratchBytes: 0,
    pricePerHour: 1,
    preemptible: false,
  };
}
