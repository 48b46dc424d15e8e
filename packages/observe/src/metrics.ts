import type { DispatchEvent, DriverMetric } from '@drover/spec';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { DriverSeries } from './driver-series.ts';
import { DroverMetrics } from './drover-metrics.ts';
import type { FleetGauges } from './fleet-gauges.ts';
import { type MetricFamily, toFamilies } from './metric-families.ts';
import { ReferenceCounters } from './reference-counters.ts';
import { ReferenceGauges } from './reference-gauges.ts';

export interface MetricsOptions {
  /** Also the reference's names, for dashboards that already exist. */
  readonly referenceNames: boolean;
  /** Names of the configured types: their series exist from the start. */
  readonly instanceTypes: readonly string[];
  /** Series that the driver keeps by itself, read at each scrape; absent: it keeps none. */
  readonly driverSeries?: () => readonly DriverMetric[];
}

/** Everything that `/metrics` shows. */
export interface Metrics {
  observe(event: DispatchEvent): void;
  /** Prometheus text format. */
  text(): Promise<{ readonly contentType: string; readonly text: string }>;
  /** The same as data, in the form of the reference's `/metrics.json`. */
  json(): Promise<readonly MetricFamily[]>;
}

/** `read` gives the fleet at scrape time. */
export function createMetrics(options: MetricsOptions, read: () => FleetGauges): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const drover = new DroverMetrics(registry);
  const counters = options.referenceNames ? new ReferenceCounters(registry) : undefined;
  const gauges = options.referenceNames ? new ReferenceGauges(registry, options.instanceTypes) : undefined;
  const { driverSeries } = options;
  const driver = driverSeries === undefined ? undefined : new DriverSeries(registry, options.referenceNames);
  const update = (): void => {
    const fleet = read();
    if (driverSeries !== undefined) driver?.update(driverSeries);
    drover.update(fleet);
    gauges?.update(fleet);
  };
  return {
    observe(event) {
      drover.observe(event);
      counters?.observe(event);
    },
    async text() {
      update();
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
    async json() {
      update();
      return toFamilies(await registry.getMetricsAsJSON());
    },
  };
}
