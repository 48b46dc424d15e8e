import type { DriverMetric } from '@drover/spec';
import { Counter, Gauge, type Registry } from 'prom-client';

/** What drover's own names begin with, and what the reference's do. */
const ownPrefix = 'drover_';
const referencePrefix = 'arvados_dispatchcloud_';

/** One name of a driver's, under every prefix that is shown. */
interface Family {
  readonly kind: DriverMetric['kind'];
  readonly labelNames: string;
  readonly metrics: readonly (Gauge | Counter)[];
}

/**
 * The series that a driver keeps by itself, as they stand at a scrape. A series that cannot be shown (its name is taken or no name,
 * its labels differ from those it had, a counter below 0) is left out and counted: a driver of others must not take the page down.
 */
export class DriverSeries {
  readonly #registry: Registry;
  readonly #prefixes: readonly string[];
  readonly #refused: Gauge;
  readonly #families = new Map<string, Family>();

  constructor(registry: Registry, referenceNames: boolean) {
    this.#registry = registry;
    this.#prefixes = referenceNames ? [ownPrefix, referencePrefix] : [ownPrefix];
    this.#refused = new Gauge({
      name: `${ownPrefix}driver_series_refused`,
      help: 'Series of the driver that cannot be shown, at this scrape.',
      registers: [registry],
    });
  }

  update(read: () => readonly DriverMetric[]): void {
    for (const { metrics } of this.#families.values()) for (const metric of metrics) metric.reset();
    let refused = 0;
    try {
      for (const series of read()) if (!this.#show(series)) refused += 1;
    } catch {
      // A driver that cannot tell has no series at this scrape; how many it would have had, nobody knows.
      refused += 1;
    }
    this.#refused.set(refused);
  }

  /** False: it cannot be shown. */
  #show(series: DriverMetric): boolean {
    const { name, kind, labels, value } = series;
    try {
      const family = this.#families.get(name) ?? this.#register(series);
      if (family.kind !== kind || family.labelNames !== namesOf(labels) || !Number.isFinite(value)) return false;
      for (const metric of family.metrics)
        if (metric instanceof Counter) metric.inc(labels, value);
        else metric.set(labels, value);
      return true;
    } catch {
      return false;
    }
  }

  #register({ name, kind, help, labels }: DriverMetric): Family {
    const taken = this.#prefixes.some((prefix) => this.#registry.getSingleMetric(prefix + name) !== undefined);
    if (taken) throw new Error(`${name} is a name of drover's own`);
    const make = (prefix: string): Gauge | Counter => {
      const options = { name: prefix + name, help, registers: [this.#registry], labelNames: Object.keys(labels) };
      return kind === 'counter' ? new Counter(options) : new Gauge(options);
    };
    const family = { kind, labelNames: namesOf(labels), metrics: this.#prefixes.map(make) };
    this.#families.set(name, family);
    return family;
  }
}

function namesOf(labels: DriverMetric['labels']): string {
  return Object.keys(labels).toSorted().join(',');
}
