import type { HostKeys, InstanceId } from '@drover/spec';
import type { PortAnswer, PortCall } from '../port-call.ts';
import type { Invariant } from './invariant.ts';

/**
 * 17: a key that was proven once stays until its VM is gone, or until the cloud vouches for another; and only true keys are ever
 * pinned. A pin counts once a dispatcher has heard that it landed, or has read it. `trueKeys`: what the VM shows when nobody is
 * in the way; undefined: it is gone.
 */
export function stablePins(
  trueKeys: (id: InstanceId) => HostKeys | undefined,
  vouchedKeys: (id: InstanceId) => HostKeys,
): Invariant {
  const established = new Map<InstanceId, string>();
  return {
    number: 17,
    rule: 'a pinned key never changes silently, and is the VM’s own',
    onPin: (id, keys) => {
      // Empty: the VM is known and nothing is proven, or not any more; what was proven before still counts.
      if (keys.length === 0) return undefined;
      const text = keys.join();
      const before = established.get(id);
      if (before === text) return undefined;
      const vouched = vouchedKeys(id);
      if (before !== undefined && !keys.every((key) => vouched.includes(key)))
        return `the pin of ${id} changed from ${before} to ${text}`;
      const own = trueKeys(id);
      return own === undefined || keys.every((key) => own.includes(key))
        ? undefined
        : `${id} has a foreign pin ${text}`;
    },
    onAnswer: (call, answer) => {
      for (const [id, keys] of pinsHeardOf(call, answer)) if (keys.length > 0) established.set(id, keys.join());
      return undefined;
    },
  };
}

function* pinsHeardOf(call: PortCall, answer: PortAnswer): Iterable<readonly [InstanceId, HostKeys]> {
  if (call.port !== 'state' || !answer.ok) return;
  if (call.operation === 'setPin' && isKeys(call.request)) yield [call.subject, call.request];
  if (call.operation !== 'pins' || !(answer.value instanceof Map)) return;
  for (const [id, keys] of answer.value) if (typeof id === 'string' && isKeys(keys)) yield [id, keys];
}

function isKeys(value: unknown): value is HostKeys {
  return Array.isArray(value);
}
