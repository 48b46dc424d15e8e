import type { InstanceType } from '@drover/spec';

const gibibyte = 1024 ** 3;

/** Every instance type that a simulated cloud may offer; plans name them. */
export const simulatedTypes: readonly InstanceType[] = [
  makeType('small', 1, 0.1, false),
  makeType('medium', 4, 0.35, false),
  makeType('large', 16, 1.3, false),
  makeType('small-spot', 1, 0.03, true),
  makeType('medium-spot', 4, 0.12, true),
];

function makeType(name: string, vcpus: number, pricePerHour: number, preemptible: boolean): InstanceType {
  return {
    name,
    providerType: name.replace('-spot', ''),
    vcpus,
    ramBytes: vcpus * 4 * gibibyte,
    scratchBytes: 100 * gibibyte,
    includedScratchBytes: 100 * gibibyte,
    addedScratchBytes: 0,
    pricePerHour,
    preemptible,
  };
}
