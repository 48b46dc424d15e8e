import { describe } from 'vitest';
import { runnerEventTests } from './runner-events.ts';
import { runnerFencingTests } from './runner-fencing.ts';
import type { RunnerHarness } from './runner-harness.ts';
import { runnerRunTests } from './runner-runs.ts';

/** What everything that speaks the runner protocol must do; `makeHarness` gives a fresh VM for each test. */
export function runnerConformance(name: string, makeHarness: () => Promise<RunnerHarness>): void {
  describe(`${name}: runs`, () => {
    runnerRunTests(makeHarness);
  });
  describe(`${name}: fencing`, () => {
    runnerFencingTests(makeHarness);
  });
  describe(`${name}: events and acknowledgement`, () => {
    runnerEventTests(makeHarness);
  });
}
