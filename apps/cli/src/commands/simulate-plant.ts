import type { PlantedBug } from '@drover/simulator';
import { usageError } from '../output/usage-error.ts';

/** The bug of the ledger with this id; throws DroverError CLI_USAGE when there is none. */
export async function plantedBug(id: string | undefined): Promise<PlantedBug | undefined> {
  if (id === undefined) return undefined;
  const { findPlantedBug, plantedBugs } = await import('@drover/simulator');
  const bug = findPlantedBug(id);
  if (bug !== undefined) return bug;
  const { closestName } = await import('@drover/management-api/closest-name');
  const ids = plantedBugs.map((known) => known.id);
  const near = closestName(id, ids);
  throw usageError(
    `no planted bug is called ${id}`,
    near === undefined ? `there are ${ids.join(', ')}` : `did you mean ${near}?`,
  );
}
