import { Gauge, type Registry } from 'prom-client';
import { type FleetGauges, totalsByCategory } from './fleet-gauges.ts';

const prefix = 'arvados_dispatchcloud_';

/** The reference's gauges, its names and labels; set from the fleet at scrape time. */
export class ReferenceGauges {
  readonly #instanceTypes: readonly string[];
  readonly #single: Readonly<Record<SingleGauge, Gauge>>;
  readonly #instances: Gauge<'category' | 'instance_type'>;
  readonly #price: Gauge<'category'>;
  readonly #vcpus: Gauge<'category'>;
  readonly #memory: Gauge<'category'>;
  readonly #queue: Gauge<'state' | 'instance_type'>;

  constructor(registry: Registry, instanceTypes: readonly string[]) {
    this.#instanceTypes = instanceTypes;
    const registers = [registry];
    const gauge = (name: string, help: string): Gauge => new Gauge({ name: prefix + name, help, registers });
    const byCategory = (name: string, help: string): Gauge<'category'> =>
      new Gauge({ name: prefix + name, help, registers, labelNames: ['category'] });
    this.#single = {
      running: gauge('containers_running', 'Containers that instances report as running.'),
      probeAgeMax: gauge('probe_age_seconds_max', 'Longest time since an instance answered a probe.'),
      probeAgeMedian: gauge('probe_age_seconds_median', 'Median time since instances answered a probe.'),
      allocated: gauge('containers_allocated_not_started', 'Containers that have an instance which is not ready.'),
      overQuota: gauge('containers_not_allocated_over_quota', 'Containers without an instance because of quota.'),
      longestWait: gauge('containers_longest_wait_time_seconds', 'Longest wait of a container that has not started.'),
      last503: gauge('last_503_time', 'Unix time at which the queue last said it was overloaded.'),
      limit: gauge('max_concurrent_containers', 'Dynamic limit on containers; 0 for none.'),
      atQuota: gauge('at_quota', '1 while the cloud or the configuration allows no more instances.'),
    };
    this.#instances = new Gauge({
      name: `${prefix}instances_total`,
      help: 'Instances by category and type.',
      registers,
      labelNames: ['category', 'instance_type'],
    });
    this.#price = byCategory('instances_price', 'Price per hour of all instances.');
    this.#vcpus = byCategory('vcpus_total', 'VCPUs of all instances.');
    this.#memory = byCategory('memory_bytes_total', 'Memory of all instances.');
    this.#queue = new Gauge({
      name: `${prefix}queue_entries`,
      help: 'Unfinished containers by state and chosen instance type.',
      registers,
      labelNames: ['state', 'instance_type'],
    });
  }

  update(fleet: FleetGauges): void {
    this.#single.running.set(fleet.instances.reduce((sum, i) => sum + i.containers.length, 0));
    this.#single.probeAgeMax.set(fleet.probeAgeMaxSeconds);
    this.#single.probeAgeMedian.set(fleet.probeAgeMedianSeconds);
    this.#single.allocated.set(fleet.allocatedNotStarted);
    this.#single.overQuota.set(fleet.overQuota);
    this.#single.longestWait.set(fleet.longestWaitSeconds);
    this.#single.last503.set(fleet.lastOverloadSeconds);
    this.#single.limit.set(fleet.maxConcurrentContainers);
    this.#single.atQuota.set(fleet.atQuota ? 1 : 0);
    this.#updateInstances(fleet);
    this.#updateQueue(fleet);
  }

  #updateInstances(fleet: FleetGauges): void {
    for (const [category, sum] of totalsByCategory(fleet.instances)) {
      for (const type of new Set([...this.#instanceTypes, ...sum.instances.keys()])) {
        this.#instances.set({ category, instance_type: type }, sum.instances.get(type) ?? 0);
      }
      this.#price.set({ category }, sum.price);
      this.#vcpus.set({ category }, sum.vcpus);
      this.#memory.set({ category }, sum.ramBytes);
    }
  }

  #updateQueue(fleet: FleetGauges): void {
    this.#queue.reset();
    for (const state of ['Queued', 'Locked', 'Running']) {
      for (const type of this.#instanceTypes) this.#queue.set({ state, instance_type: type }, 0);
    }
    for (const row of fleet.queue) this.#queue.set({ state: row.state, instance_type: row.instanceType }, row.count);
  }
}

type SingleGauge =
  | 'running'
  | 'probeAgeMax'
  | 'probeAgeMedian'
  | 'allocated'
  | 'overQuota'
  | 'longestWait'
  | 'last503'
  | 'limit'
  | 'atQuota';
