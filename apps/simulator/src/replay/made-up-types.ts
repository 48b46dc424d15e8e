import type { InstanceType } from '@drover/spec';
import type { JobTable } from '../trace-files/job-table.ts';

const gibibyte = 1024 ** 3;
const ramPerVcpuBytes = 4 * gibibyte;
/** Per vcpu and hour: about what the large clouds take for their common types, in US dollars. */
const pricePerVcpuHour = 0.05;
const smallestVcpus = 2;
const largestVcpus = 256;

/**
 * Instance types where none are configured: 2, 4, 8 … vcpus with 4 GiB each, up to what the largest job of the trace needs, at a
 * price by the vcpu.
 */
export function madeUpInstanceTypes(jobs: JobTable): readonly InstanceType[] {
  let needed = smallestVcpus;
  for (const { resources } of jobs.shapes)
    // A tenth more than asked, for what the scheduler keeps back of a VM's memory.
    needed = Math.max(needed, resources.vcpus, (resources.ramBytes * 1.1 + gibibyte) / ramPerVcpuBytes);
  const types: InstanceType[] = [];
  for (let vcpus = smallestVcpus; vcpus < 2 * needed && vcpus <= largestVcpus; vcpus *= 2) types.push(madeUp(vcpus));
  return types;
}

function madeUp(vcpus: number): InstanceType {
  return {
    name: `vcpus-${vcpus}`,
    providerType: `vcpus-${vcpus}`,
    vcpus,
    ramBytes: vcpus * ramPerVcpuBytes,
    scratchBytes: 1024 * gibibyte,
    includedScratchBytes: 1024 * gibibyte,
    addedScratchBytes: 0,
    pricePerHour: vcpus * pricePerVcpuHour,
    preemptible: false,
  };
}
