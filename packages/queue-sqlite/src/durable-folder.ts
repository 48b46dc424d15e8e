import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Makes a folder, for its owner alone, with those above it, so that they are still there after a power cut. */
export function makeFolder(path: string): void {
  const first = mkdirSync(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  const highest = resolve(first).length;
  for (let folder = resolve(path); folder.length >= highest; folder = dirname(folder)) syncFolder(dirname(folder));
}

/** Writes the names in a folder to the disk. */
export function syncFolder(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
