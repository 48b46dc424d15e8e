import type { HostKeys, InstanceId } from '@drover/spec';
import type { Invariant } from './invariant.ts';

/**
 * 17: a key that was proven once stays until its VM is gone, or until the cloud vouches for another; and only true keys are ever
 * pinned. `trueKeys`: what the VM shows when nobody is in the way; undefined: it is gone.
 */
export function stablePins(
  trueKeys: (id: InstanceId) => HostKeys | undefined,
  vouchedKeys: (id: InstanceId) => HostKeys,
): Invariant {
  const seen = new Map<InstanceId, string>();
  return {
    number: 17,
    rule: 'a pinned key never changes silently, and is the VM’s own',
    onPin: (id, keys) => {
      const text = keys.join();
      // Empty: the VM is known and nothing is proven, or not any more; what was proven before still counts.
      if (text === '') return undefined;
      const before = seen.get(id);
      if (before === text) return undefined;
      const vouched = vouchedKeys(id);
      if (before !== undefined && !keys.every((key) => vouched.includes(key)))
        return `the pin of ${id} changed from ${before} to ${text}`;
      const own = trueKeys(id);
      if (own !== undefined && !keys.every((key) => own.includes(key))) return `${id} has a foreign pin ${text}`;
      seen.set(id, text);
      return undefined;
    },
  };
}
