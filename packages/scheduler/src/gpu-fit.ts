import type { GpuNeeds, InstanceGpu } from '@drover/spec';

/** The first thing about a VM's GPUs that does not suit a container. */
export type GpuConstraint = 'gpu-stack' | 'gpu-count' | 'gpu-vram' | 'gpu-driver' | 'gpu-target';

/** Undefined: the GPUs suit. A container without GPU needs only fits types without GPUs, as stacks must be equal. */
export function gpuMismatch(needs: GpuNeeds | undefined, gpu: InstanceGpu | undefined): GpuConstraint | undefined {
  const stack = needs?.stack ?? '';
  if (stack !== (gpu?.stack ?? '')) return 'gpu-stack';
  if (needs === undefined) return undefined;
  if ((gpu?.count ?? 0) < needs.count) return 'gpu-count';
  if ((gpu?.vramBytes ?? 0) < needs.vramBytes) return 'gpu-vram';
  if (needs.count === 0 || gpu === undefined) return undefined;
  if (needs.driverVersion !== undefined && !isAtLeast(gpu.driverVersion, needs.driverVersion)) return 'gpu-driver';
  return suitsTarget(needs, gpu.hardwareTarget) ? undefined : 'gpu-target';
}

/** One CUDA target means "at least this capability"; several, or any for ROCm, mean exactly these. */
function suitsTarget(needs: GpuNeeds, target: string): boolean {
  const [only, ...others] = needs.hardwareTargets;
  if (needs.stack === 'cuda' && only !== undefined && others.length === 0) return isAtLeast(target, only);
  return needs.hardwareTargets.includes(target);
}

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Versions compare as decimal numbers; false when one is none. */
function isAtLeast(version: string, minimum: string): boolean {
  return decimal.test(version) && decimal.test(minimum) && Number(version) >= Number(minimum);
}
