import { earlyDestroys } from './early-destroys.ts';
import { lostCreates } from './lost-creates.ts';
import { lostEvents } from './lost-events.ts';
import { lostResults } from './lost-results.ts';
import { mistakenIdentity } from './mistaken-identity.ts';
import type { PlantedBug } from './planted-bug.ts';
import { retryStorms } from './retry-storms.ts';
import { staleViews } from './stale-views.ts';
import { unprovenUnlocks } from './unproven-unlocks.ts';
import { wrongKills } from './wrong-kills.ts';

/** Every planted bug, in the order of the page. */
export const plantedBugs: readonly PlantedBug[] = [
  ...staleViews,
  ...lostCreates,
  ...earlyDestroys,
  ...unprovenUnlocks,
  ...lostResults,
  ...wrongKills,
  ...mistakenIdentity,
  ...lostEvents,
  ...retryStorms,
];

/** Undefined: no planted bug has this id. */
export function findPlantedBug(id: string): PlantedBug | undefined {
  return plantedBugs.find((bug) => bug.id === id);
}
