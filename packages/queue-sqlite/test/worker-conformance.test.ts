import { queueConformance, stateStoreConformance } from '@drover/testkit/conformance';
import { afterAll, beforeAll } from 'vitest';
import { bundleWorker } from './bundled-worker.ts';
import { fileHarness, temporaryFolder } from './temporary-queue.ts';

// Bundled, because that is how it is shipped, and because a hundred workers start four times as fast.
const bundle = temporaryFolder();
let workerUrl: URL | undefined;
beforeAll(async () => {
  workerUrl = await bundleWorker(bundle.path);
});
afterAll(bundle.remove);

const worker = (): ReturnType<typeof fileHarness> => {
  if (workerUrl === undefined) throw new Error('the worker is not bundled yet');
  return fileHarness({ inline: false, workerUrl });
};

queueConformance('SQLite in a worker', worker, { modelRuns: 5 });
stateStoreConformance('SQLite in a worker', worker);
