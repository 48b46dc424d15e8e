export { measureIdleMemory } from './idle-memory.ts';
export type { Figure } from '@drover/testkit/figure';
export { measureSshThroughput } from './throughput.ts';
