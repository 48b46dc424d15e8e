import { expect, test } from 'vitest';
import { sourceFiles } from './source-files.ts';

/** Paths of one machine and hosts of package registries make a repository work on one machine only. */
const traces = /(^|[^a-z.])\/(work|farm|root)\/|registry\.npmjs|deb\.debian\.org|pypi\.org\/simple/;

test('no tracked text names a path of one machine or a package host', () => {
  const found = sourceFiles(['**/*.{ts,md,json,yaml,c,h,sh,py}', '.ci/run'])
    .filter((file) => !file.path.startsWith('tidy/') && !file.path.endsWith('pnpm-lock.yaml'))
    .filter((file) => traces.test(file.text))
    .map((file) => file.path);
  expect(found).toEqual([]);
});
