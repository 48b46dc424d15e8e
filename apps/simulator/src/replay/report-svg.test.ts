import { describe, expect, it } from 'vitest';
import type { ReplayReport } from './replay-report.ts';
import { reportSvg } from './report-svg.ts';
import { niceCeiling } from './svg-parts.ts';

function report(configuration: string, over: Partial<ReplayReport> = {}): ReplayReport {
  return {
    configuration,
    jobs: { submitted: 2, completed: 2, failed: 0, unsatisfiable: 0, givenUp: 0, unfinished: 0 },
    waits: { meanMs: 60_000, p50Ms: 60_000, p95Ms: 600_000, maxMs: 3_600_000 },
    makespanMs: 7_200_000,
    cost: { total: 8, onDemand: 6, spot: 2 },
    hours: { total: 10, boot: 1, busy: 8, idle: 1 },
    utilisation: { vcpus: 0.8, ram: 0.4 },
    interruptions: { vms: 0, runs: 0, lostRunHours: 0 },
    peakInstances: 4,
    types: [],
    series: { bucketMs: 60_000, values: { instances: [1, 4, 2], running: [0, 2, 2], waiting: [2, 0, 0] } },
    ...over,
  };
}

describe('the drawing', () => {
  it('has a bar as long as its cost, and dots at its waits on a logarithmic axis', () => {
    const svg = reportSvg('jobs.swf', [report('a'), report('b', { cost: { total: 4, onDemand: 4, spot: 0 } })]);
    const bars = Array.from(
      svg.matchAll(/<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)" height="14" class="([a-z-]+)"/g),
    );
    expect(bars.map(([, , width, kind]) => [kind, Number(width)])).toEqual([
      ['on-demand', 355.2],
      ['spot', 118.4],
      ['on-demand', 236.8],
    ]);
    const dots = Array.from(svg.matchAll(/<circle cx="([\d.]+)" cy="[\d.]+" r="\d" class="(wait-[a-z0-9]+)"/g));
    const at = Object.fromEntries(dots.slice(0, 3).map(([, x, kind]) => [kind, Number(x)]));
    // A minute, ten minutes and an hour: equal factors are equal distances.
    expect((at['wait-p95'] ?? 0) - (at['wait-p50'] ?? 0)).toBeCloseTo(
      ((at['wait-max'] ?? 0) - (at['wait-p95'] ?? 0)) * (Math.log(10) / Math.log(6)),
      0,
    );
  });

  it('is well-formed whatever configurations are called, and follows the reader to the dark', () => {
    const svg = reportSvg('<&"jobs', [report('a <script>alert(1)</script> & "b" that has a very long name indeed')]);
    expect(svg).not.toContain('<script>');
    expect(svg).toContain('&lt;script&gt;');
    expect(svg).toContain('prefers-color-scheme: dark');
    expect(svg.match(/<g>/g)?.length).toBe(svg.match(/<\/g>/g)?.length);
  });

  it('draws nothing impossible when there is nothing', () => {
    const nothing = report('idle', {
      cost: { total: 0, onDemand: 0, spot: 0 },
      waits: { meanMs: 0, p50Ms: 0, p95Ms: 0, maxMs: 0 },
      series: { bucketMs: 60_000, values: { instances: [], running: [], waiting: [] } },
    });
    expect(reportSvg('nothing', [nothing])).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('has a chart for eight configurations, and says how many have none', () => {
    const svg = reportSvg(
      'many',
      Array.from({ length: 11 }, (_, i) => report(`c${i}`)),
    );
    expect(svg.match(/<polygon/g)).toHaveLength(8);
    expect(svg).toContain('3 more without a chart');
  });
});

it.each([
  [0, 1],
  [1, 1],
  [1.2, 2],
  [34, 50],
  [900, 1000],
])('%d is drawn up to %d', (value, nice) => expect(niceCeiling(value)).toBe(nice));
