import type { MetricObjectWithValues, MetricValue } from 'prom-client';

/** One sample of a metric, in the shape of Prometheus's protobuf-JSON (what the reference's `/metrics.json` answers). */
export interface MetricSample {
  readonly label: readonly { readonly name: string; readonly value: string }[];
  readonly counter?: { readonly value: number };
  readonly gauge?: { readonly value: number };
  readonly summary?: {
    readonly sampleCount: string;
    readonly sampleSum: number;
    readonly quantile: readonly { readonly quantile: number; readonly value: number }[];
  };
  readonly histogram?: {
    readonly sampleCount: string;
    readonly sampleSum: number;
    readonly bucket: readonly { readonly cumulativeCount: string; readonly upperBound: number | '+Inf' }[];
  };
}

export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: 'COUNTER' | 'GAUGE' | 'SUMMARY' | 'HISTOGRAM';
  readonly metric: readonly MetricSample[];
}

type Family = MetricObjectWithValues<MetricValue<string>>;

/** prom-client's flat samples, grouped by family and labels. */
export function toFamilies(metrics: readonly Family[]): readonly MetricFamily[] {
  return metrics.map((metric) => {
    const type = String(metric.type);
    if (type === 'summary') return { ...base(metric), type: 'SUMMARY', metric: grouped(metric, 'quantile', summary) };
    if (type === 'histogram') return { ...base(metric), type: 'HISTOGRAM', metric: grouped(metric, 'le', histogram) };
    if (type === 'counter') {
      const samples = metric.values.map((v) => ({ label: labels(v, ''), counter: { value: v.value } }));
      return { ...base(metric), type: 'COUNTER', metric: samples };
    }
    const samples = metric.values.map((v) => ({ label: labels(v, ''), gauge: { value: v.value } }));
    return { ...base(metric), type: 'GAUGE', metric: samples };
  });
}

function base(metric: Family): { name: string; help: string } {
  return { name: metric.name, help: metric.help };
}

function labels(value: MetricValue<string>, without: string): { name: string; value: string }[] {
  return Object.entries(value.labels)
    .filter(([name]) => name !== without)
    .map(([name, text]) => ({ name, value: String(text) }));
}

interface Distribution {
  count: number;
  sum: number;
  readonly steps: { readonly at: string; readonly value: number }[];
}

function grouped(
  metric: Family,
  stepLabel: string,
  shape: (d: Distribution) => Omit<MetricSample, 'label'>,
): MetricSample[] {
  const groups = new Map<string, { label: { name: string; value: string }[]; distribution: Distribution }>();
  for (const value of metric.values) {
    const label = labels(value, stepLabel);
    const key = JSON.stringify(label);
    const group = groups.get(key) ?? { label, distribution: { count: 0, sum: 0, steps: [] } };
    groups.set(key, group);
    // The sum, count and steps of a distribution are told apart by a name that the types of prom-client leave out.
    const name = 'metricName' in value ? String(value.metricName) : metric.name;
    if (name.endsWith('_sum')) group.distribution.sum = value.value;
    else if (name.endsWith('_count')) group.distribution.count = value.value;
    else group.distribution.steps.push({ at: String(value.labels[stepLabel]), value: value.value });
  }
  return [...groups.values()].map(({ label, distribution }) => ({ label, ...shape(distribution) }));
}

function summary(d: Distribution): Omit<MetricSample, 'label'> {
  const quantile = d.steps.map((step) => ({ quantile: Number(step.at), value: step.value }));
  return { summary: { sampleCount: String(d.count), sampleSum: d.sum, quantile } };
}

function histogram(d: Distribution): Omit<MetricSample, 'label'> {
  const bucket = d.steps.map((step) => ({
    cumulativeCount: String(step.value),
    upperBound: step.at === '+Inf' ? ('+Inf' as const) : Number(step.at),
  }));
  return { histogram: { sampleCount: String(d.count), sampleSum: d.sum, bucket } };
}
