export type { Figure } from '@drover/testkit/figure';
export { measureRunner } from './runner.ts';
