export { measureQueueLatency } from './latency.ts';
export type { BenchResult } from './result.ts';
export { measureQueueThroughput } from './throughput.ts';
