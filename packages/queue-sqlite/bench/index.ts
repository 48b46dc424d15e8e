export { measureQueueLatency } from './latency.ts';
export type { Figure } from '@drover/testkit/figure';
export { measureQueueThroughput } from './throughput.ts';
