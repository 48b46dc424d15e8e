import type { InstanceType } from '@drover/spec';

/**
 * Where VMs stand among the candidates of a placement: cheapest type first, then more vcpus, RAM and scratch. Types equal in
 * all of that share a class; inside a class VMs stand by id.
 */
export interface TypeRanks {
  readonly types: readonly InstanceType[];
  /** Index into `types`, by name. */
  readonly indexOf: ReadonlyMap<string, number>;
  /** The class of each type, by index; lower comes first. */
  readonly classOf: readonly number[];
}

export function rankTypes(types: readonly InstanceType[]): TypeRanks {
  const sorted = types.toSorted(compareForPlacement);
  const classOf: number[] = [];
  for (const [i, type] of sorted.entries()) {
    const before = sorted[i - 1];
    const previous = classOf[i - 1] ?? 0;
    classOf.push(before !== undefined && compareForPlacement(before, type) < 0 ? previous + 1 : previous);
  }
  return { types: sorted, indexOf: new Map(sorted.map((type, i) => [type.name, i])), classOf };
}

function compareForPlacement(a: InstanceType, b: InstanceType): number {
  return (
    a.pricePerHour - b.pricePerHour || b.vcpus - a.vcpus || b.ramBytes - a.ramBytes || b.scratchBytes - a.scratchBytes
  );
}
