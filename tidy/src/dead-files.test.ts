import { posix } from 'node:path';
import { expect, test } from 'vitest';
import { isTest, sourceFiles, typescript } from './source-files.ts';

/** Whatever a package, a script or another process names by path. */
function namedElsewhere(): string {
  const manifests = sourceFiles(['package.json', '{packages,apps}/*/package.json', 'bench/package.json']);
  const code = typescript().filter((file) => !isTest(file.path));
  return manifests
    .map((file) => file.text)
    .concat(code.flatMap((file) => file.text.match(/new URL\('[^']+'|'[^']*\.(ts|js|mjs)'/g) ?? []))
    .join('\n');
}

test('every source file is imported by what is no test, or named as an entry point', () => {
  const sources = /^(packages|apps)\/[^/]+\/src\//;
  const files = typescript().filter((file) => sources.test(file.path) && !isTest(file.path));
  const imported = new Set<string>();
  for (const file of files) {
    for (const match of file.text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)) {
      imported.add(posix.join(posix.dirname(file.path), match[1] ?? ''));
    }
  }
  const named = namedElsewhere();
  const dead = files
    .map((file) => file.path)
    .filter((path) => !imported.has(path) && !named.includes(posix.basename(path)));
  expect(dead).toEqual([]);
});
