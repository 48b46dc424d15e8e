import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  ssr: { resolve: { conditions: ['@drover/source', 'node'] } },
  test: { include: ['*.moto.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
});
