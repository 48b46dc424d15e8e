import type { HostKeys, InstanceId } from '@drover/spec';
import type { Invariant } from './invariant.ts';

/** 17: a key that was proven once stays until its VM is gone; and only true keys are ever pinned. */
export function stablePins(trueKeys: (id: InstanceId) => HostKeys | undefined): Invariant {
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
      if (before !== undefined) return `the pin of ${id} changed from ${before} to ${text}`;
      const own = trueKeys(id);
      if (own !== undefined && !keys.every((key) => own.includes(key))) return `${id} has a foreign pin ${text}`;
      seen.set(id, text);
      return undefined;
    },
  };
}
