import type { DriverMetric } from '@drover/spec';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { DriverSeries } from './driver-series.ts';

const starts = (subnet: string, success: '0' | '1', value: number): DriverMetric => ({
  name: 'ec2_instance_starts_total',
  kind: 'counter',
  help: 'Instances asked for.',
  labels: { subnet_id: subnet, success },
  value,
});

const instances = (subnet: string, value: number): DriverMetric => ({
  name: 'ec2_instances',
  kind: 'gauge',
  help: 'Instances by subnet.',
  labels: { subnet_id: subnet },
  value,
});

/** The lines of samples after a scrape of these series. */
async function scrape(series: DriverSeries, registry: Registry, metrics: readonly DriverMetric[]) {
  series.update(() => metrics);
  return (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

test("a driver's series appear under drover's prefix and the reference's", async () => {
  const registry = new Registry();
  const lines = await scrape(new DriverSeries(registry, true), registry, [instances('a', 2), starts('a', '1', 3)]);
  expect(lines).toEqual([
    'drover_driver_series_refused 0',
    'drover_ec2_instances{subnet_id="a"} 2',
    'arvados_dispatchcloud_ec2_instances{subnet_id="a"} 2',
    'drover_ec2_instance_starts_total{subnet_id="a",success="1"} 3',
    'arvados_dispatchcloud_ec2_instance_starts_total{subnet_id="a",success="1"} 3',
  ]);
});

test('without the switch only under its own', async () => {
  const registry = new Registry();
  const lines = await scrape(new DriverSeries(registry, false), registry, [instances('a', 2)]);
  expect(lines).toEqual(['drover_driver_series_refused 0', 'drover_ec2_instances{subnet_id="a"} 2']);
});

test('each scrape shows what the driver says then, counters not added up', async () => {
  const registry = new Registry();
  const series = new DriverSeries(registry, false);
  await scrape(series, registry, [instances('a', 2), instances('b', 1), starts('a', '1', 3)]);
  expect(await scrape(series, registry, [instances('a', 0), starts('a', '1', 4)])).toEqual([
    'drover_driver_series_refused 0',
    'drover_ec2_instances{subnet_id="a"} 0',
    'drover_ec2_instance_starts_total{subnet_id="a",success="1"} 4',
  ]);
});

test.each([
  { what: 'no name', series: { ...instances('a', 1), name: 'not a name' } },
  { what: 'other labels than before', series: { ...instances('a', 1), labels: { zone: 'a' } } },
  { what: 'a counter below 0', series: starts('a', '0', -1) },
  { what: 'no number', series: instances('b', Number.NaN) },
  { what: 'another kind than before', series: { ...instances('a', 1), kind: 'counter' as const } },
  { what: "a name of drover's own", series: { ...instances('a', 1), name: 'at_quota' } },
])('$what is left out, counted, and harms no other', async ({ series: wrong }) => {
  const registry = new Registry();
  const { Gauge } = await import('prom-client');
  new Gauge({ name: 'drover_at_quota', help: 'x', registers: [registry] }).set(1);
  const series = new DriverSeries(registry, true);
  const lines = await scrape(series, registry, [instances('a', 2), wrong, starts('b', '1', 1)]);
  expect(lines).toEqual([
    'drover_at_quota 1',
    'drover_driver_series_refused 1',
    'drover_ec2_instances{subnet_id="a"} 2',
    'arvados_dispatchcloud_ec2_instances{subnet_id="a"} 2',
    'drover_ec2_instance_starts_total{subnet_id="b",success="1"} 1',
    'arvados_dispatchcloud_ec2_instance_starts_total{subnet_id="b",success="1"} 1',
  ]);
});

test('a driver that throws costs its own series only', async () => {
  const registry = new Registry();
  const series = new DriverSeries(registry, false);
  series.update(() => {
    throw new Error('no');
  });
  expect(await registry.metrics()).toContain('drover_driver_series_refused 1\n');
});
