import type { DispatchEvent } from '@drover/spec';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { type FleetGauges, totalsByCategory } from './fleet-gauges.ts';

/** Seconds; from a warm start (milliseconds) to a slow cloud (half an hour). */
const startBuckets = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 1800];
const callBuckets = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60];
const passBuckets = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.3, 1];

/** drover's own metrics: Prometheus conventions, base units, histograms. */
export class DroverMetrics {
  readonly #instances: Gauge<'category' | 'instance_type'>;
  readonly #price: Gauge<'category'>;
  readonly #containers: Gauge<'state'>;
  readonly #longestWait: Gauge;
  readonly #atQuota: Gauge;
  readonly #start: Histogram;
  readonly #pass: Histogram;
  readonly #cloud: Histogram<'operation' | 'outcome'>;
  readonly #ended: Counter<'state'>;
  readonly #lost: Counter<'reason'>;
  readonly #boots: Counter<'outcome'>;
  readonly #queueErrors: Counter<'operation'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#instances = new Gauge({
      name: 'drover_instances',
      help: 'Instances by category and type.',
      registers,
      labelNames: ['category', 'instance_type'],
    });
    this.#price = new Gauge({
      name: 'drover_instances_price_per_hour',
      help: 'Price of all instances per hour.',
      registers,
      labelNames: ['category'],
    });
    this.#containers = new Gauge({
      name: 'drover_containers',
      help: 'Unfinished containers by state.',
      registers,
      labelNames: ['state'],
    });
    this.#longestWait = new Gauge({
      name: 'drover_containers_longest_wait_seconds',
      help: 'Longest wait of a container that has not started.',
      registers,
    });
    this.#atQuota = new Gauge({
      name: 'drover_at_quota',
      help: '1 while the cloud or the configuration allows no more instances.',
      registers,
    });
    this.#start = new Histogram({
      name: 'drover_container_start_seconds',
      help: 'From submission to the start of the command.',
      registers,
      buckets: startBuckets,
    });
    this.#pass = new Histogram({
      name: 'drover_scheduling_pass_seconds',
      help: 'Duration of one scheduling pass.',
      registers,
      buckets: passBuckets,
    });
    this.#cloud = new Histogram({
      name: 'drover_cloud_call_seconds',
      help: 'Duration of calls to the cloud.',
      registers,
      buckets: callBuckets,
      labelNames: ['operation', 'outcome'],
    });
    this.#ended = new Counter({
      name: 'drover_containers_ended_total',
      help: 'Containers that reached a final state.',
      registers,
      labelNames: ['state'],
    });
    this.#lost = new Counter({
      name: 'drover_attempts_lost_total',
      help: 'Attempts that ended without a result of their own.',
      registers,
      labelNames: ['reason'],
    });
    this.#boots = new Counter({
      name: 'drover_instance_boots_total',
      help: 'How boots ended.',
      registers,
      labelNames: ['outcome'],
    });
    this.#queueErrors = new Counter({
      name: 'drover_queue_errors_total',
      help: 'Queue operations that failed.',
      registers,
      labelNames: ['operation'],
    });
    for (const state of ['Complete', 'Cancelled']) this.#ended.inc({ state }, 0);
    for (const outcome of ['success', 'failure', 'aborted', 'disappeared']) this.#boots.inc({ outcome }, 0);
  }

  observe(event: DispatchEvent): void {
    switch (event.type) {
      case 'cloud-call':
        this.#cloud.observe(
          { operation: event.operation, outcome: event.error === undefined ? 'success' : 'error' },
          event.durationMs / 1000,
        );
        break;
      case 'boot-outcome':
        this.#boots.inc({ outcome: event.outcome });
        break;
      case 'container-started':
        if (event.sinceQueuedMs !== undefined) this.#start.observe(event.sinceQueuedMs / 1000);
        break;
      case 'container-state':
        if (event.state === 'Complete' || event.state === 'Cancelled') this.#ended.inc({ state: event.state });
        break;
      case 'container-exited':
        this.#lost.inc({ reason: event.reason });
        break;
      case 'queue-error':
        this.#queueErrors.inc({ operation: event.operation });
        break;
      case 'pass':
        this.#pass.observe(event.durationMs / 1000);
        break;
      default:
        break;
    }
  }

  update(fleet: FleetGauges): void {
    this.#instances.reset();
    for (const [category, sum] of totalsByCategory(fleet.instances)) {
      for (const [type, count] of sum.instances) this.#instances.set({ category, instance_type: type }, count);
      this.#price.set({ category }, sum.price);
    }
    const byState = new Map<string, number>([
      ['Queued', 0],
      ['Locked', 0],
      ['Running', 0],
    ]);
    for (const row of fleet.queue) byState.set(row.state, (byState.get(row.state) ?? 0) + row.count);
    for (const [state, count] of byState) this.#containers.set({ state }, count);
    this.#longestWait.set(fleet.longestWaitSeconds);
    this.#atQuota.set(fleet.atQuota ? 1 : 0);
  }
}
