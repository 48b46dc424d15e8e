import { type Leadership } from '@drover/spec';
import type { PortAnswer, PortCall } from '../port-call.ts';
import type { Invariant } from './invariant.ts';

/**
 * 18: who has been told that another one leads does nothing more, and who has not been told can change nothing in the queue
 * once another one leads.
 */
export function oneEpochActs(nowMs: () => number): Invariant {
  /** When each was told; what it does in that very instant may be done before. */
  const toldOffMs = new Map<number, number>();
  const epochs = new Map<number, number>();
  let highest = 0;
  /** The highest epoch there was when a call that changes the queue began. */
  const begun = new WeakMap<PortCall, number>();
  return {
    number: 18,
    rule: 'at most one epoch acts',
    onToldOfLoss: (dispatcher) => {
      toldOffMs.set(dispatcher, nowMs());
      return undefined;
    },
    onCall: (call) => {
      if (call.port === 'queue' && call.changes) begun.set(call, highest);
      if (!call.changes || nowMs() <= (toldOffMs.get(call.dispatcher) ?? Number.POSITIVE_INFINITY)) return undefined;
      return `dispatcher ${call.dispatcher} has lost the lead, and does ${call.port} ${call.operation} ${call.subject}`;
    },
    onAnswer: (call, answer) => {
      const epoch = epochOf(call, answer);
      if (epoch !== undefined) {
        epochs.set(call.dispatcher, epoch);
        highest = Math.max(highest, epoch);
      }
      const own = epochs.get(call.dispatcher);
      const then = begun.get(call);
      if (!answer.ok || then === undefined || own === undefined || own >= then) return undefined;
      return `${call.operation} of ${call.subject} by epoch ${own} was taken while epoch ${then} led`;
    },
  };
}

function epochOf(call: PortCall, answer: PortAnswer): number | undefined {
  if (call.operation !== 'lead' || !answer.ok) return undefined;
  return isLeadership(answer.value) ? answer.value.epoch : undefined;
}

function isLeadership(value: unknown): value is Leadership {
  return typeof value === 'object' && value !== null && 'epoch' in value;
}
