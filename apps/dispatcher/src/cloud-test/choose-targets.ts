import { closestName } from '@drover/management-api/closest-name';
import { DroverError, type InstanceSet, type InstanceType } from '@drover/spec';
import type { VmTarget } from './cloud-test-types.ts';

/** What a person asks for. */
export interface TargetChoice {
  /** Names of types; none: the cheapest one. */
  readonly types: readonly string[];
  readonly allTypes: boolean;
  /** Only offerings of this zone or subnet. */
  readonly zone?: string;
  /** Every offering of each type; else the cheapest. */
  readonly allOfferings: boolean;
}

/** @throws DroverError CLI_USAGE when there is no such type or zone */
export function chooseTargets(
  choice: TargetChoice,
  instanceTypes: readonly InstanceType[],
  instanceSet: Pick<InstanceSet, 'offerings'>,
): readonly VmTarget[] {
  const targets = chooseTypes(choice, instanceTypes).flatMap((instanceType) => {
    const { zone, allOfferings } = choice;
    const all = instanceSet.offerings(instanceType);
    const fitting = zone === undefined ? all : all.filter((offering) => offering.zone === zone);
    if (zone !== undefined && fitting.length === 0)
      throw unknown(
        'zone',
        zone,
        all.map((offering) => offering.zone),
      );
    const byPrice = fitting.toSorted((a, b) => a.pricePerHour - b.pricePerHour);
    return (allOfferings ? byPrice : byPrice.slice(0, 1)).map((offering) => ({ instanceType, offering }));
  });
  if (targets.length === 0) throw new DroverError('CLI_USAGE', 'the driver offers none of the configured types');
  return targets;
}

function chooseTypes({ types, allTypes }: TargetChoice, known: readonly InstanceType[]): readonly InstanceType[] {
  if (allTypes) return known;
  if (types.length === 0) return known.toSorted((a, b) => a.pricePerHour - b.pricePerHour).slice(0, 1);
  return types.map((name) => {
    const type = known.find((candidate) => candidate.name === name);
    if (type === undefined)
      throw unknown(
        'instance type',
        name,
        known.map((candidate) => candidate.name),
      );
    return type;
  });
}

function unknown(kind: string, name: string, known: readonly string[]): DroverError {
  const names = [...new Set(known)];
  const near = closestName(name, names);
  const fix = near === undefined ? `there are ${names.join(', ')}` : `did you mean ${near}?`;
  return new DroverError('CLI_USAGE', `there is no ${kind} ${name}`, { fix });
}
