import type { DispatchEvent } from '@drover/spec';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { type FleetGauges, totalsByCategory } from './fleet-gauges.ts';

/** Seconds; from a warm start (milliseconds) to a slow cloud (half an hour). */
const startBuckets = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 1800];
const callBuckets = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60];
const passBuckets = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.3, 1];

/** drover's own metrics: Prometheus conventions, base units, histograms. */
export class DroverMetrics {
  readonly #gauges: ReturnType<typeof makeGauges>;
  readonly #counters: ReturnType<typeof makeCounters>;
  readonly #durations: ReturnType<typeof makeDurations>;

  constructor(registry: Registry) {
    this.#gauges = makeGauges(registry);
    this.#counters = makeCounters(registry);
    this.#durations = makeDurations(registry);
  }

  observe(event: DispatchEvent): void {
    switch (event.type) {
      case 'cloud-call':
        this.#durations.cloud.observe(
          { operation: event.operation, outcome: event.error === undefined ? 'success' : 'error' },
          event.durationMs / 1000,
        );
        break;
      case 'boot-outcome':
        this.#counters.boots.inc({ outcome: event.outcome });
        break;
      case 'container-started':
        if (event.sinceQueuedMs !== undefined) this.#durations.start.observe(event.sinceQueuedMs / 1000);
        break;
      case 'container-state':
        if (event.state === 'Complete' || event.state === 'Cancelled') this.#counters.ended.inc({ state: event.state });
        break;
      case 'container-exited':
        this.#counters.lost.inc({ reason: event.reason });
        break;
      case 'queue-error':
        this.#counters.queueErrors.inc({ operation: event.operation });
        break;
      case 'pass':
        this.#durations.pass.observe(event.durationMs / 1000);
        break;
      default:
        break;
    }
  }

  update(fleet: FleetGauges): void {
    this.#gauges.instances.reset();
    for (const [category, sum] of totalsByCategory(fleet.instances)) {
      for (const [type, count] of sum.instances) this.#gauges.instances.set({ category, instance_type: type }, count);
      this.#gauges.price.set({ category }, sum.price);
    }
    const byState = new Map<string, number>([
      ['Queued', 0],
      ['Locked', 0],
      ['Running', 0],
    ]);
    for (const row of fleet.queue) byState.set(row.state, (byState.get(row.state) ?? 0) + row.count);
    for (const [state, count] of byState) this.#gauges.containers.set({ state }, count);
    this.#gauges.longestWait.set(fleet.longestWaitSeconds);
    this.#gauges.atQuota.set(fleet.atQuota ? 1 : 0);
  }
}

function makeGauges(registry: Registry) {
  const registers = [registry];
  return {
    instances: new Gauge({
      name: 'drover_instances',
      help: 'Instances by category and type.',
      registers,
      labelNames: ['category', 'instance_type'],
    }),
    price: new Gauge({
      name: 'drover_instances_price_per_hour',
      help: 'Price of all instances per hour.',
      registers,
      labelNames: ['category'],
    }),
    containers: new Gauge({
      name: 'drover_containers',
      help: 'Unfinished containers by state.',
      registers,
      labelNames: ['state'],
    }),
    longestWait: new Gauge({
      name: 'drover_containers_longest_wait_seconds',
      help: 'Longest wait of a container that has not started.',
      registers,
    }),
    atQuota: new Gauge({
      name: 'drover_at_quota',
      help: '1 while the cloud or the configuration allows no more instances.',
      registers,
    }),
  };
}

function makeDurations(registry: Registry) {
  const registers = [registry];
  return {
    start: new Histogram({
      name: 'drover_container_start_seconds',
      help: 'From submission to the start of the command.',
      registers,
      buckets: startBuckets,
    }),
    pass: new Histogram({
      name: 'drover_scheduling_pass_seconds',
      help: 'Duration of one scheduling pass.',
      registers,
      buckets: passBuckets,
    }),
    cloud: new Histogram({
      name: 'drover_cloud_call_seconds',
      help: 'Duration of calls to the cloud.',
      registers,
      buckets: callBuckets,
      labelNames: ['operation', 'outcome'],
    }),
  };
}

function makeCounters(registry: Registry) {
  const counter = <Label extends string>(name: string, help: string, label: Label): Counter<Label> =>
    new Counter({ name, help, registers: [registry], labelNames: [label] });
  const ended = counter('drover_containers_ended_total', 'Containers that reached a final state.', 'state');
  const lost = counter('drover_attempts_lost_total', 'Attempts that ended without a result of their own.', 'reason');
  const boots = counter('drover_instance_boots_total', 'How boots ended.', 'outcome');
  const queueErrors = counter('drover_queue_errors_total', 'Queue operations that failed.', 'operation');
  for (const state of ['Complete', 'Cancelled']) ended.inc({ state }, 0);
  for (const outcome of ['success', 'failure', 'aborted', 'disappeared']) boots.inc({ outcome }, 0);
  return { ended, lost, boots, queueErrors };
}
