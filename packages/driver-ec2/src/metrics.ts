import type { DriverMetric } from '@drover/spec';

/** The driver's own series, under the reference's names: VMs by subnet at the last listing, and VMs that were asked for. */
export class Ec2Metrics {
  readonly #instances = new Map<string, number>();
  readonly #starts = new Map<string, { succeeded: number; failed: number }>();

  /** Every configured subnet has its series from the start; `''` is the one of the default VPC. */
  constructor(subnets: readonly string[]) {
    for (const subnet of subnets.length === 0 ? [''] : subnets) {
      this.#instances.set(subnet, 0);
      this.#starts.set(subnet, { succeeded: 0, failed: 0 });
    }
  }

  /** VMs were asked for, and so many of them came. */
  started(subnet: string | undefined, succeeded: number, failed: number): void {
    const counts = this.#starts.get(subnet ?? '');
    if (counts === undefined) return;
    counts.succeeded += succeeded;
    counts.failed += failed;
  }

  /** A listing is complete: how many VMs that are not terminated each subnet has. */
  listed(bySubnet: ReadonlyMap<string, number>): void {
    for (const subnet of this.#instances.keys()) this.#instances.set(subnet, 0);
    for (const [listed, count] of bySubnet) {
      const subnet = this.#instances.has('') ? '' : listed;
      this.#instances.set(subnet, (this.#instances.get(subnet) ?? 0) + count);
    }
  }

  read(): readonly DriverMetric[] {
    const instances = Array.from(this.#instances, ([subnet, value]): DriverMetric => ({
      name: 'ec2_instances',
      kind: 'gauge',
      help: 'VMs of this dispatcher that are not terminated, at the last listing.',
      labels: { subnet_id: subnet },
      value,
    }));
    const starts = Array.from(this.#starts, ([subnet, { succeeded, failed }]) => [
      startMetric(subnet, '1', succeeded),
      startMetric(subnet, '0', failed),
    ]);
    return [...instances, ...starts.flat()];
  }
}

function startMetric(subnet: string, success: '0' | '1', value: number): DriverMetric {
  return {
    name: 'ec2_instance_starts_total',
    kind: 'counter',
    help: 'VMs that EC2 was asked for.',
    labels: { subnet_id: subnet, success },
    value,
  };
}
