import { globSync } from 'node:fs';
import { basename } from 'node:path';
import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

/** Node itself knows no `module`: packages that have it for bundlers would be loaded from files that Node cannot run. */
const conditions = ['@drover/source', ...defaultServerConditions.filter((condition) => condition !== 'module')];

/** One vitest over all packages. Tests run the sources of the other packages, never their builds. */
export default defineConfig({
  test: {
    projects: globSync(['packages/*', 'apps/*', 'bench', 'tidy']).map((root) => ({
      root,
      ssr: { resolve: { conditions } },
      test: { name: basename(root), include: ['src/**/*.test.ts', 'test/**/*.test.ts'] },
    })),
  },
});
