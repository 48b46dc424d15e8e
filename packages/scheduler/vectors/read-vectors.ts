import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = import.meta.dirname;

/** Where the recorded decisions are. */
export interface VectorFolder {
  readonly path: string;
  readonly why: string;
}

/** What DROVER_VECTORS says, else a folder shared by several clones beside this one, else the copy kept here. */
export function vectorFolder(environment: NodeJS.ProcessEnv): VectorFolder {
  const asked = environment['DROVER_VECTORS'];
  if (asked !== undefined && asked !== '') return { path: asked, why: 'DROVER_VECTORS' };
  const shared = fileURLToPath(new URL('../../../../shared/vectors', import.meta.url));
  if (existsSync(join(shared, 'scheduler-pass.jsonl'))) return { path: shared, why: 'shared folder beside the clone' };
  return { path: join(here, 'data'), why: 'copy in the repository' };
}

/** The parsed lines of one file; undefined when the folder has no such file. Throws on a line that `check` refuses. */
export function readVectors<T>(
  folder: VectorFolder,
  name: string,
  check: (value: unknown) => value is T,
): readonly T[] | undefined {
  const path = join(folder.path, name);
  if (!existsSync(path)) return undefined;
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.flatMap((line, i) => {
    if (line.trim() === '') return [];
    const value: unknown = JSON.parse(line);
    if (!check(value)) throw new Error(`${path}:${i + 1} is not a vector of this file's kind`);
    return [value];
  });
}
