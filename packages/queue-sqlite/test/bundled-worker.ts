import { fileURLToPath, pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { build } from 'esbuild';

/** The worker as an application's bundle would carry it: one file, without this package around it. */
export async function bundleWorker(folder: string): Promise<URL> {
  const outfile = join(folder, 'queue-worker.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('../src/worker.ts', import.meta.url))],
    conditions: ['@drover/source'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
  });
  return pathToFileURL(outfile);
}
