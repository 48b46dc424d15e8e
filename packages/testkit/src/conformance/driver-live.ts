import { describe, expect, test } from 'vitest';
import type { LiveDriverHarness } from './driver-harness.ts';
import { call, createVms, goneFor, listed, openWorld } from './driver-steps.ts';

/** One small life in the real cloud, which costs money; it proves by listing that nothing is left. */
export function driverLive(harness: LiveDriverHarness): void {
  const totalMs = (harness.bootWithinMs ?? 300_000) + (harness.goneWithinMs ?? 300_000) + 120_000;
  describe.runIf(harness.enabled)('live', () => {
    test('two VMs come, are tagged, go, and leave nothing', { timeout: totalMs }, async () => {
      const world = await openWorld(harness);
      const instances = await createVms(world, `live-${Date.now().toString(36)}`, 2);
      try {
        for (const { id } of instances)
          await listed(harness, world, id, (i) => i.lifecycle === 'running' && i.address !== '');
        for (const instance of instances) await world.set.setTags(instance, { 'conformance-live': 'yes' }, call());
        for (const { id } of instances) await listed(harness, world, id, (i) => i.tags['conformance-live'] === 'yes');
      } finally {
        const { instances: left } = await world.set.list(world.setTags, call());
        for (const instance of [...instances, ...left]) await world.set.destroy(instance, call());
      }
      for (const { id } of instances) await goneFor(harness, world, id);
      const { instances: after } = await world.set.list(world.setTags, call());
      expect(after.filter((instance) => instance.lifecycle !== 'terminated')).toEqual([]);
      expect(await harness.leftovers()).toEqual([]);
    });
  });
}
