import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// One file after the other: while one has moto look at permissions, the other's calls would be refused.
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  ssr: { resolve: { conditions: ['@drover/source', 'node'] } },
  test: { include: ['*.moto.ts'], fileParallelism: false, testTimeout: 180_000, hookTimeout: 180_000 },
});
