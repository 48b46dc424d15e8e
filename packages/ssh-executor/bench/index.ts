export { measureIdleMemory } from './idle-memory.ts';
export type { BenchResult } from './result.ts';
export { measureSshThroughput } from './throughput.ts';
