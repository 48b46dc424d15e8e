import type { DriverMetric } from '@drover/spec';

/** Counts per zone what a site sees of its spread: VMs at the last listing, and how starts ended. */
export class ZoneMetrics {
  readonly #instances = new Map<string, number>();
  readonly #starts = new Map<string, { good: number; bad: number }>();

  constructor(zones: readonly string[]) {
    for (const zone of zones) {
      this.#instances.set(zone, 0);
      this.#starts.set(zone, { good: 0, bad: 0 });
    }
  }

  /** A complete listing shows this many VMs in the zone. */
  listed(zone: string, instances: number): void {
    this.#instances.set(zone, instances);
  }

  /** A create of one VM has ended. */
  started(zone: string, success: boolean): void {
    const starts = this.#starts.get(zone);
    if (starts === undefined) return;
    if (success) starts.good += 1;
    else starts.bad += 1;
  }

  /** As `InstanceSet.metrics`. */
  series(): readonly DriverMetric[] {
    const instances = [...this.#instances].map(([zone, value]) => ({
      name: 'gce_instances',
      kind: 'gauge' as const,
      help: 'VMs of this instance set in the zone, at the last listing.',
      labels: { zone },
      value,
    }));
    const starts = [...this.#starts].flatMap(([zone, { good, bad }]) => [
      startsOf(zone, '1', good),
      startsOf(zone, '0', bad),
    ]);
    return [...instances, ...starts];
  }
}

function startsOf(zone: string, success: '0' | '1', value: number): DriverMetric {
  return {
    name: 'gce_instance_starts_total',
    kind: 'counter',
    help: 'Attempts to create a VM in the zone, by whether it came to be.',
    labels: { zone, success },
    value,
  };
}
