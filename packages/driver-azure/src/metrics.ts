import type { DriverMetric } from '@drover/spec';

/** What the driver counts by itself, by zone. */
export class AzureCounters {
  /** VMs of the last complete listing. */
  readonly #instances: Map<string, number>;
  readonly #starts: Map<string, { success: number; failure: number }>;
  removedInterfaces = 0;
  removedDisks = 0;
  removalFailures = 0;

  /** Every series exists from the start, at zero. */
  constructor(zones: readonly string[]) {
    this.#instances = new Map(zones.map((zone) => [zone, 0]));
    this.#starts = new Map(zones.map((zone) => [zone, { success: 0, failure: 0 }]));
  }

  start(zone: string, success: boolean): void {
    const counts = this.#starts.get(zone);
    if (counts === undefined) return;
    if (success) counts.success += 1;
    else counts.failure += 1;
  }

  /** Zones of all VMs of a listing. */
  listed(zones: readonly (string | undefined)[]): void {
    for (const zone of this.#instances.keys())
      this.#instances.set(zone, zones.filter((listed) => listed === zone).length);
  }

  metrics(): readonly DriverMetric[] {
    const series: DriverMetric[] = [];
    for (const [zone, value] of this.#instances)
      series.push({
        name: 'azure_instances',
        kind: 'gauge',
        help: 'VMs of the last listing by zone.',
        labels: { zone },
        value,
      });
    for (const [zone, { success, failure }] of this.#starts)
      for (const [outcome, value] of [['1', success] as const, ['0', failure] as const])
        series.push({
          name: 'azure_instance_starts_total',
          kind: 'counter',
          help: 'Creates that came to an end, by zone and whether a VM came of it.',
          labels: { zone, success: outcome },
          value,
        });
    const dangling = [['networkInterface', this.removedInterfaces] as const, ['disk', this.removedDisks] as const];
    for (const [kind, value] of dangling)
      series.push({
        name: 'azure_dangling_removed_total',
        kind: 'counter',
        help: 'Network interfaces and disks without a VM that were removed.',
        labels: { kind },
        value,
      });
    series.push({
      name: 'azure_removal_failures_total',
      kind: 'counter',
      help: 'Removals of what failed creates and VMs left behind that did not work; they are tried again.',
      labels: {},
      value: this.removalFailures,
    });
    return series;
  }
}
