import { belongsToSet, setTags } from '@drover/pool/vm';
import type { Instance } from '@drover/spec';
import type { CloudTestContext } from './cloud-test-types.ts';
import { eventually } from './eventually.ts';

/** So long clouds may take to end what is being ended. */
const clearWithinMs = 600_000;
const lookEveryMs = 2_000;

type Where = Pick<CloudTestContext, 'clock' | 'instanceSet' | 'options'>;

/** VMs of the set that are not gone, as the cloud lists them now. */
export async function livingVms({ instanceSet, options }: Where, signal: AbortSignal): Promise<readonly Instance[]> {
  const { instances } = await instanceSet.list(setTags(options), { signal });
  return instances.filter((i) => belongsToSet(options, i) && i.lifecycle !== 'terminated');
}

/**
 * Destroys every VM of the set, and looks until the list has been empty for `quietMs`: what was created a moment ago may show late.
 * Rejects when that does not come about.
 */
export async function clearSet(where: Where, quietMs: number, signal: AbortSignal): Promise<void> {
  const { clock, instanceSet } = where;
  const asked = new Set<string>();
  let emptySinceMs: number | undefined;
  const patience = {
    clock,
    what: 'an empty list of VMs',
    withinMs: clearWithinMs + quietMs,
    everyMs: lookEveryMs,
    signal,
  };
  await eventually(patience, async () => {
    const left = await livingVms(where, signal);
    for (const instance of left) {
      if (instance.lifecycle === 'stopping' && asked.has(instance.id)) continue;
      await instanceSet.destroy(instance, { signal });
      asked.add(instance.id);
    }
    emptySinceMs = left.length > 0 ? undefined : (emptySinceMs ?? clock.monotonicMs());
    return emptySinceMs !== undefined && clock.monotonicMs() - emptySinceMs >= quietMs ? true : undefined;
  });
}
