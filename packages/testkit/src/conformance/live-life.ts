import { call, createVms, goneFor, listed } from './driver-looks.ts';
import type { DriverTiming, LiveDriverWorld } from './driver-harness.ts';

/** What a life in the real cloud needs. */
export interface LiveLife {
  readonly world: LiveDriverWorld;
  readonly timing: DriverTiming;
  /** Everything that carries the set's mark and is not gone: disks, network interfaces, addresses, keys. */
  readonly leftovers: () => Promise<readonly string[]>;
}

/** What the level is called in reports. */
export const liveTitle = 'two VMs come, are tagged, go, and leave nothing';

/**
 * The conformance level `live`: one small life in the real cloud, which costs money. Needs no test runner; rejects with what is wrong,
 * and destroys what it has created whatever happens.
 */
export async function liveDriverLife({ world, timing, leftovers }: LiveLife): Promise<void> {
  const { set, setTags } = world;
  const instances = await createVms(world, `live-${Date.now().toString(36)}`, 2);
  try {
    for (const { id } of instances)
      await listed(timing, world, id, (i) => i.lifecycle === 'running' && i.address !== '');
    for (const instance of instances) await set.setTags(instance, { 'conformance-live': 'yes' }, call());
    for (const { id } of instances) await listed(timing, world, id, (i) => i.tags['conformance-live'] === 'yes');
  } finally {
    const { instances: left } = await set.list(setTags, call());
    for (const instance of [...instances, ...left]) await set.destroy(instance, call());
  }
  for (const { id } of instances) await goneFor(timing, world, id);
  const { instances: after } = await set.list(setTags, call());
  const living = after.filter((instance) => instance.lifecycle !== 'terminated').map(({ id }) => id);
  const left = [...living, ...(await leftovers())];
  if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`);
}
