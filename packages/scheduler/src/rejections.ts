import type { InstanceType, TypeRejection } from '@drover/spec';
import { priceLimit } from './choose-types.ts';
import { describeBytes, describeCount, describePrice } from './describe-amounts.ts';
import { type Needs, needsOf } from './needs.ts';
import type { SchedulerOptions } from './scheduler-options.ts';
import { type Request, type TypeConstraint, unmetConstraint } from './type-constraints.ts';

/** Per type that cannot serve the container: the first need it does not meet. */
export function rejectionsOf(request: Request, options: SchedulerOptions): readonly TypeRejection[] {
  const needs = needsOf(request, options);
  const able = options.instanceTypes.filter((type) => unmetConstraint(type, request, needs) === undefined);
  return options.instanceTypes.flatMap((type) => {
    const constraint = unmetConstraint(type, request, needs) ?? dearerThan(able, type, options.maximumPriceFactor);
    if (constraint === undefined) return [];
    return [{ instanceType: type.name, constraint, message: explanations[constraint]({ type, request, needs }) }];
  });
}

/** Why nothing can ever serve the container, for its user: what is asked too much of, and the types there are. */
export function rejectionMessage(request: Request, options: SchedulerOptions): string {
  const rejections = rejectionsOf(request, options);
  if (rejections.length === 0) return 'no instance types are configured';
  const constraints = new Set(rejections.map((rejection) => rejection.constraint));
  const [only] = constraints;
  const head =
    constraints.size === 1 && only !== undefined
      ? `no instance type satisfies the constraint "${only}"`
      : `no instance type satisfies all constraints (${[...constraints].join(', ')})`;
  return `${head}: ${rejections.map(({ instanceType, message }) => `${instanceType} ${message}`).join('; ')}`;
}

function dearerThan(able: readonly InstanceType[], type: InstanceType, factor: number): 'price' | undefined {
  const limit = priceLimit(
    able.filter((other) => other.preemptible === type.preemptible),
    factor,
  );
  return limit !== undefined && type.pricePerHour > limit ? 'price' : undefined;
}

interface Explained {
  readonly type: InstanceType;
  readonly request: Request;
  readonly needs: Needs;
}

const explanations: Readonly<Record<TypeConstraint | 'price', (about: Explained) => string>> = {
  'instance-type': ({ request }) =>
    `is not among the types asked for (${(request.scheduling.instanceTypes ?? []).join(', ')})`,
  vcpus: ({ type, needs }) => `has ${describeCount(type.vcpus, 'vcpu')}, needs ${needs.vcpus}`,
  ram: ({ type, needs }) =>
    `has ${describeBytes(type.ramBytes)} RAM, needs ${describeBytes(needs.ramBytes)} with reserves`,
  scratch: ({ type, needs }) =>
    `has ${describeBytes(type.scratchBytes)} scratch, needs ${describeBytes(needs.scratchBytes)}`,
  preemptible: ({ type }) => (type.preemptible ? 'is spot, needs on-demand' : 'is on-demand, needs spot'),
  'max-price': ({ type, request }) =>
    `costs ${describePrice(type.pricePerHour)}, at most ${describePrice(request.scheduling.maxPricePerHour ?? 0)} is wanted`,
  price: ({ type }) => `costs ${describePrice(type.pricePerHour)}, too much beside the cheapest that fits`,
  'gpu-stack': ({ type, request }) =>
    `has ${describeStack(type.gpu?.stack)}, needs ${describeStack(request.resources.gpu?.stack)}`,
  'gpu-count': ({ type, needs }) => `has ${describeCount(type.gpu?.count ?? 0, 'GPU')}, needs ${needs.gpus}`,
  'gpu-vram': ({ type, request }) =>
    `has ${describeBytes(type.gpu?.vramBytes ?? 0)} per GPU, needs ${describeBytes(request.resources.gpu?.vramBytes ?? 0)}`,
  'gpu-driver': ({ type, request }) =>
    `has GPU driver ${type.gpu?.driverVersion ?? 'none'}, needs at least ${request.resources.gpu?.driverVersion ?? ''}`,
  'gpu-target': ({ type, request }) =>
    `has GPU target ${type.gpu?.hardwareTarget ?? 'none'}, needs ${request.resources.gpu?.hardwareTargets.join(' or ') || 'one to be named'}`,
};

function describeStack(stack: string | undefined): string {
  return stack === undefined || stack === '' ? 'no GPU' : `${stack} GPUs`;
}
