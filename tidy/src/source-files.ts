import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The top of the repository. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** A file of ours, its path relative to the top. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

const ignored = /(^|\/)(node_modules|dist|dist-agent|dist-bundle|coverage|\.turbo|\.drover)(\/|$)/;

/** Every file that matches, generated and foreign ones left out. */
export function sourceFiles(patterns: readonly string[]): readonly SourceFile[] {
  return globSync([...patterns], { cwd: root, exclude: (path) => ignored.test(path) })
    .toSorted()
    .map((path) => ({ path, text: readFileSync(root + path, 'utf8') }));
}

/** All TypeScript of packages, applications, benchmarks and this folder. */
export function typescript(): readonly SourceFile[] {
  return sourceFiles(['{packages,apps}/*/**/*.ts', '{bench,tidy}/**/*.ts', '*.ts']);
}

/** Test code may do what production code may not. */
export function isTest(path: string): boolean {
  return /\.test\.ts$|\/test\/|\/bench\/|^bench\/|^tidy\//.test(path);
}
