import { describe, expect, onTestFinished, test } from 'vitest';
import type { LiveDriverHarness } from './driver-harness.ts';
import { liveDriverLife, liveTitle } from './live-life.ts';

/** One small life in the real cloud, which costs money; it proves by listing that nothing is left. */
export function driverLive(harness: LiveDriverHarness): void {
  const totalMs = (harness.bootWithinMs ?? 300_000) + (harness.goneWithinMs ?? 300_000) + 120_000;
  describe.runIf(harness.enabled)('live', () => {
    test(`a small life: ${liveTitle}`, { timeout: totalMs }, async () => {
      const world = await harness.open();
      onTestFinished(() => world.dispose());
      await liveDriverLife({ world, timing: harness, leftovers: () => harness.leftovers() });
      expect(await harness.leftovers()).toEqual([]);
    });
  });
}
