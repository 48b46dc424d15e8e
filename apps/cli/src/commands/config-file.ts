import { existsSync } from 'node:fs';

/** What `-c` means when it is not given. */
const usualConfigFile = 'drover.yaml';

/** The configuration file of a command: the one that `-c` names, else `drover.yaml` of this folder, else none. */
export function configFile(given: string | undefined): string | undefined {
  return given ?? (existsSync(usualConfigFile) ? usualConfigFile : undefined);
}
