export { type FleetGauges, instanceCategories, type InstanceCategory, instanceCategory } from './fleet-gauges.ts';
export type { LogLevel } from './log-events.ts';
export { createLogger, type LoggerOptions } from './logger.ts';
export type { MetricFamily, MetricSample } from './metric-families.ts';
export { createMetrics, type Metrics, type MetricsOptions } from './metrics.ts';
