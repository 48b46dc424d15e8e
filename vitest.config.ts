import { globSync } from 'node:fs';
import { basename } from 'node:path';
import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

/** One vitest over all packages. Tests run the sources of the other packages, never their builds. */
export default defineConfig({
  test: {
    projects: globSync(['packages/*', 'apps/*', 'bench', 'tidy']).map((root) => ({
      root,
      ssr: { resolve: { conditions: ['@drover/source', ...defaultServerConditions] } },
      test: { name: basename(root), include: ['src/**/*.test.ts', 'test/**/*.test.ts'] },
    })),
  },
});
