import { queueConformance, stateStoreConformance } from '@drover/testkit/conformance';
import { fileHarness, memoryHarness } from './temporary-queue.ts';

const inline = (): ReturnType<typeof fileHarness> => fileHarness({ inline: true });

queueConformance('SQLite inline', inline, { modelRuns: 10 });
stateStoreConformance('SQLite inline', inline);

queueConformance('SQLite in memory', memoryHarness, { modelRuns: 40 });
stateStoreConformance('SQLite in memory', memoryHarness);
