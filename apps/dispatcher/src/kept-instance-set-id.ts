import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The name of the file in the state directory in which an instance set id is kept that was made once. */
export const instanceSetIdFile = 'instance-set-id';

/** The id that the first start made; undefined when there was none. Unlike a start it makes nothing. */
export function keptInstanceSetId(stateDirectory: string): string | undefined {
  try {
    const kept = readFileSync(join(stateDirectory, instanceSetIdFile), 'utf8').trim();
    return kept === '' ? undefined : kept;
  } catch {
    return undefined;
  }
}
