import { readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { replaceFile } from './replace-file.ts';

/** What a build was made from, and what it made. */
export interface BundleStamp {
  /** Path, from the folder of the bundle, and state of each file that went in. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Paths below the folder of the bundle. */
  readonly outputs: readonly string[];
}

const stampName = 'stamp.json';

/** Nothing where there is none that can be used. */
export function readStamp(folder: string): BundleStamp | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(join(folder, stampName), 'utf8'));
    return isStamp(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Written last: a build that was broken off leaves the former stamp, which does not fit. */
export function writeStamp(folder: string, inputs: readonly string[], outputs: readonly string[]): void {
  const states = inputs.map((path) => [relative(folder, path), stateOf(path)]);
  const stamp: BundleStamp = { inputs: Object.fromEntries(states), outputs };
  replaceFile(join(folder, stampName), Buffer.from(JSON.stringify(stamp)));
}

/** Is every file as it was then? */
export function isFresh(folder: string, { inputs }: BundleStamp): boolean {
  return Object.entries(inputs).every(([path, state]) => stateOf(join(folder, path)) === state);
}

function stateOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? 'absent' : `${stat.mtimeMs} ${stat.size}`;
}

function isStamp(value: unknown): value is BundleStamp {
  return (
    typeof value === 'object' &&
    value !== null &&
    'inputs' in value &&
    typeof value.inputs === 'object' &&
    value.inputs !== null &&
    'outputs' in value &&
    Array.isArray(value.outputs)
  );
}
