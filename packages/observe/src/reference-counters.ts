import type { DispatchEvent } from '@drover/spec';
import { Counter, type Registry, Summary } from 'prom-client';
import { SshToReady } from './ssh-to-ready.ts';

const prefix = 'arvados_dispatchcloud_';
/** Quantiles of the reference, over its client library's default window: ten minutes in five buckets. */
const summaryShape = { percentiles: [0.5, 0.9, 0.95, 0.99], maxAgeSeconds: 600, ageBuckets: 5 };
const cloudOperations = ['Create', 'List', 'Destroy', 'SetTags'] as const;
const bootOutcomes = ['success', 'failure', 'aborted', 'disappeared'] as const;
const workerStates = ['unknown', 'booting', 'idle', 'running', 'shutdown'] as const;

/** The reference's counters and summaries, its names, labels and quantiles; every series is there from the start. */
export class ReferenceCounters {
  readonly #operations: Counter<'operation' | 'error'>;
  readonly #boots: Counter<'outcome'>;
  readonly #disappeared: Counter<'state'>;
  readonly #timeToSsh: Summary;
  readonly #sshToReady: Summary;
  readonly #shutdownToGone: Summary;
  readonly #queueToStart: Summary;
  readonly #probe: Summary<'outcome'>;
  readonly #sinceSsh = new SshToReady();

  constructor(registry: Registry) {
    const registers = [registry];
    const summary = (name: string, help: string): Summary =>
      new Summary({ name: prefix + name, help, registers, ...summaryShape });
    this.#operations = new Counter({
      name: `${prefix}driver_operations`,
      help: 'Calls to the cloud by operation and whether they failed.',
      registers,
      labelNames: ['operation', 'error'],
    });
    this.#boots = new Counter({
      name: `${prefix}boot_outcomes`,
      help: 'How boots ended.',
      registers,
      labelNames: ['outcome'],
    });
    this.#disappeared = new Counter({
      name: `${prefix}instances_disappeared`,
      help: 'Instances that went away, by the state they were in.',
      registers,
      labelNames: ['state'],
    });
    this.#timeToSsh = summary('instances_time_to_ssh_seconds', 'From create to the first verified SSH connection.');
    this.#sshToReady = summary(
      'instances_time_to_ready_for_container_seconds',
      'From the first SSH connection to ready for containers.',
    );
    this.#shutdownToGone = summary(
      'instances_time_from_shutdown_request_to_disappearance_seconds',
      'From the first shutdown request until the instance is gone.',
    );
    this.#queueToStart = summary(
      'containers_time_from_queue_to_crunch_run_seconds',
      'From queueing to the start of the container.',
    );
    this.#probe = new Summary({
      name: `${prefix}instances_run_probe_duration_seconds`,
      help: 'Duration of run probes.',
      registers,
      ...summaryShape,
      labelNames: ['outcome'],
    });
    this.#startAtZero();
  }

  #startAtZero(): void {
    for (const operation of cloudOperations) {
      for (const error of ['0', '1']) this.#operations.inc({ operation, error }, 0);
    }
    for (const outcome of bootOutcomes) this.#boots.inc({ outcome }, 0);
    for (const state of workerStates) this.#disappeared.inc({ state }, 0);
    // A labelled summary has no series until it is observed; `reset` empties the series and keeps them.
    for (const outcome of ['success', 'fail']) this.#probe.observe({ outcome }, 0);
    this.#probe.reset();
  }

  observe(event: DispatchEvent): void {
    const interval = this.#sinceSsh.observe(event);
    if (interval !== undefined) this.#sshToReady.observe(interval / 1000);
    if (event.type === 'cloud-call') {
      // The reference knows four operations only.
      const known = cloudOperations.find((operation) => operation === event.operation);
      if (known !== undefined) this.#operations.inc({ operation: known, error: event.error === undefined ? '0' : '1' });
    } else if (event.type === 'boot-outcome') this.#boots.inc({ outcome: event.outcome });
    else if (event.type === 'ssh-connected') this.#timeToSsh.observe(event.sinceCreateMs / 1000);
    else if (event.type === 'probe') {
      this.#probe.observe({ outcome: event.ok ? 'success' : 'fail' }, event.durationMs / 1000);
    } else if (event.type === 'container-started' && event.sinceQueuedMs !== undefined) {
      this.#queueToStart.observe(event.sinceQueuedMs / 1000);
    } else if (event.type === 'instance-gone') {
      this.#disappeared.inc({ state: event.state });
      if (event.sinceShutdownMs !== undefined) this.#shutdownToGone.observe(event.sinceShutdownMs / 1000);
    }
  }
}
