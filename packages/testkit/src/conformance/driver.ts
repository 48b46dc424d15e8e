import { describe } from 'vitest';
import { driverContract } from './driver-contract.ts';
import { driverFaults } from './driver-faults.ts';
import type { DriverHarness, LiveDriverHarness } from './driver-harness.ts';
import { driverLive } from './driver-live.ts';

/**
 * Tests that a driver keeps spec's contract: call it at the top of a vitest file. `faults` run for what the harness can
 * make its fake do; `live`, with a harness of its own for the real cloud, only when that one is enabled.
 */
export function driverConformance(harness: DriverHarness, live?: LiveDriverHarness): void {
  describe(`conformance of ${harness.name}`, () => {
    driverContract(harness);
    driverFaults(harness);
    if (live !== undefined) driverLive(live);
  });
}
