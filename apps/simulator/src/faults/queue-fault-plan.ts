import type { QueueFault, QueueFaultPolicy, SeededRandom, StrikeGate } from '@drover/testkit';
import type { Scenario } from '../scenario.ts';
import type { FaultName } from './fault-names.ts';

const rates: readonly { readonly name: FaultName; readonly fault: QueueFault; readonly rate: number }[] = [
  { name: 'queue-busy', fault: 'busy', rate: 0.05 },
  { name: 'queue-overloaded', fault: 'overloaded', rate: 0.02 },
  { name: 'commit-unknown', fault: 'commit-unknown', rate: 0.05 },
  { name: 'queue-hangs', fault: 'no-answer', rate: 0.01 },
  { name: 'leadership-lost', fault: 'lost-leadership', rate: 0.002 },
];

/**
 * How a scenario's faults look to its queue. `isOn` turns false when the world heals; `gate` has the last word on every fault.
 * Each fault has a stream of its own, so that one less does not move the others.
 */
export function queueFaultPlan(
  scenario: Scenario,
  random: SeededRandom,
  ports: { readonly isOn: () => boolean; readonly gate: StrikeGate },
): QueueFaultPolicy {
  const active = rates
    .filter(({ name }) => scenario.faults.includes(name))
    .map((entry) => ({ ...entry, stream: random.fork(entry.name) }));
  return (operation) => {
    // Submissions are the users' own affair: they would try again.
    if (!ports.isOn() || operation === 'submit') return undefined;
    const struck = active.filter(({ stream, rate }) => stream.chance(rate * scenario.faultIntensity));
    return struck.find(({ name }) => ports.gate(name))?.fault;
  };
}
