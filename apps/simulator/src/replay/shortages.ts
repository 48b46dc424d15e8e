import type { FakeCloud, SimulatedClock } from '@drover/testkit';
import type { Shortage } from '../trace-files/trace-environment.ts';

/** Takes away what the cloud of the trace did not have, for as long as it did not have it. */
export function applyShortages(cloud: FakeCloud, clock: SimulatedClock, shortages: readonly Shortage[]): void {
  const active = new Set<Shortage>();
  const apply = (): void => {
    const of = (scope: Shortage['scope']): readonly Shortage[] => [...active].filter((s) => s.scope === scope);
    cloud.faults.outOfCapacity = {
      all: of('all').length > 0,
      instanceTypes: of('instance-type').map(({ instanceType }) => instanceType),
      offerings: of('offering').map(({ instanceType, zone }) => `${instanceType}@${zone}`),
    };
  };
  for (const shortage of shortages) {
    clock.timer(shortage.fromMs, () => {
      active.add(shortage);
      apply();
    });
    clock.timer(shortage.untilMs, () => {
      active.delete(shortage);
      apply();
    });
  }
}
