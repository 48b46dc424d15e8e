import type { InstanceType } from '@drover/spec';

export const instanceSetId = 'bench';
export const setTags = { ArvadosInstanceSetID: 'bench', ArvadosInstanceType: 'small', ArvadosIdleBehavior: 'run' };

export const benchType: InstanceType = {
  name: 'small',
  providerType: 'n2-standard-4',
  vcpus: 4,
  ramBytes: 17_179_869_184,
  scratchBytes: 0,
  includedScratchBytes: 0,
  addedScratchBytes: 0,
  pricePerHour: 0.2,
  preemptible: false,
};
