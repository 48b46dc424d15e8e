import { describe } from 'vitest';
import type { ExecutorHarness } from './executor-harness.ts';
import { executorOpenTests } from './executor-open.ts';
import { executorRunTests } from './executor-run.ts';
import { executorTrustTests } from './executor-trust.ts';

/** What every Executor must do; `makeHarness` gives a fresh host and executor for each test. */
export function executorConformance(name: string, makeHarness: () => Promise<ExecutorHarness>): void {
  describe(`${name}: commands`, () => {
    executorRunTests(makeHarness);
  });
  describe(`${name}: host identity`, () => {
    executorTrustTests(makeHarness);
  });
  describe(`${name}: line channels`, () => {
    executorOpenTests(makeHarness);
  });
}
