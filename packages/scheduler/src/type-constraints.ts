import type { InstanceType, QueueEntry } from '@drover/spec';
import { type GpuConstraint, gpuMismatch } from './gpu-fit.ts';
import type { Needs } from './needs.ts';

/** What an instance type can fail a container on, beside its price compared with others. */
export type TypeConstraint =
  | 'instance-type'
  | 'vcpus'
  | 'ram'
  | 'scratch'
  | 'preemptible'
  | 'max-price'
  | GpuConstraint;

/** The part of a queue entry that decides which types may serve it. */
export type Request = Pick<QueueEntry, 'resources' | 'scheduling' | 'image' | 'onDemandOnly'>;

/** The first constraint that the type does not meet; undefined: it can serve the container. */
export function unmetConstraint(type: InstanceType, request: Request, needs: Needs): TypeConstraint | undefined {
  const { instanceTypes, maxPricePerHour } = request.scheduling;
  if (!matchesAny(instanceTypes ?? [], type.name)) return 'instance-type';
  if (type.vcpus < needs.vcpus) return 'vcpus';
  if (type.ramBytes < needs.ramBytes) return 'ram';
  if (type.scratchBytes < needs.scratchBytes) return 'scratch';
  if (!suitsPurchase(type, request)) return 'preemptible';
  if (maxPricePerHour !== undefined && type.pricePerHour > maxPricePerHour) return 'max-price';
  return gpuMismatch(request.resources.gpu, type.gpu);
}

/** `prefer` takes both kinds; after too many interruptions only on-demand is left. */
function suitsPurchase(type: InstanceType, request: Request): boolean {
  const asked = request.onDemandOnly === true ? false : request.scheduling.preemptible;
  return asked === 'prefer' || asked === type.preemptible;
}

/** No pattern: any name. `*` stands for any text. */
function matchesAny(patterns: readonly string[], name: string): boolean {
  return patterns.length === 0 || patterns.some((pattern) => matches(pattern, name));
}

function matches(pattern: string, name: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(name);
}
