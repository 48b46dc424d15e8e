import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** The folder itself, or the closest one above it that is there. */
export function nearestFolder(path: string): string {
  for (let folder = resolve(path); ; folder = dirname(folder))
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true || folder === dirname(folder))
      return folder;
}
