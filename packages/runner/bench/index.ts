export type { BenchResult } from './result.ts';
export { measureRunner } from './runner.ts';
