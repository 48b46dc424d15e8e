import type { ChoiceVector, PassVector } from './vector-format.ts';

/** Looks at every field that the runner reads at the top; what is inside the lists shows when a decision differs. */
export function isPassVector(value: unknown): value is PassVector {
  return (
    hasFields(value, { seed: 'number', given: 'object', expect: 'object' }) &&
    hasFields(value.given, {
      instanceTypes: 'array',
      instances: 'array',
      containers: 'array',
      atQuota: 'boolean',
      quotaInstances: 'number',
      createsAccepted: 'number',
      dynamicLimit: 'number',
      instancesWithinQuota: 'number',
      maxContainersPerInstance: 'number',
      supervisorFraction: 'number',
      typesAtCapacity: 'array',
    })
  );
}

/** The same for the choice of instance types. */
export function isChoiceVector(value: unknown): value is ChoiceVector {
  return (
    hasFields(value, { seed: 'number', given: 'object', expect: 'object' }) &&
    hasFields(value.given, {
      maximumPriceFactor: 'number',
      reserveExtraRam: 'number',
      keepBlobBuffersPerVcpu: 'number',
      instanceTypes: 'array',
      container: 'object',
    })
  );
}

type Kind = 'number' | 'boolean' | 'object' | 'array';

function hasFields<K extends string>(value: unknown, fields: Readonly<Record<K, Kind>>): value is Record<K, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const actual = new Map<string, unknown>(Object.entries(value));
  return Object.entries<Kind>(fields).every(([name, kind]) => kindOf(actual.get(name)) === kind);
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return value === null ? 'null' : typeof value;
}
