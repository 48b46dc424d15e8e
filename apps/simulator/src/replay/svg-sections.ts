import type { ReplayReport } from './replay-report.ts';
import { drawing, line, niceCeiling, type Part, plot, rectangle, round, rowLabel, text } from './svg-parts.ts';

const { rowHeight, margin } = drawing;
const barHeight = 14;

/** What each configuration costs, on-demand and spot on top of each other. */
export function costSection(reports: readonly ReplayReport[], top: number): Part {
  const most = niceCeiling(Math.max(...reports.map(({ cost }) => cost.total)));
  const toX = (cost: number): number => (cost / most) * (plot.right - plot.left);
  const rows = reports.map(({ configuration, cost }, index) => {
    const y = top + 44 + index * rowHeight;
    return [
      rowLabel(y + 12, configuration),
      rectangle(plot.left, y, toX(cost.onDemand), barHeight, 'on-demand'),
      rectangle(plot.left + toX(cost.onDemand), y, toX(cost.spot), barHeight, 'spot'),
      text(plot.left + toX(cost.total) + 8, y + 12, cost.total.toFixed(2), 'figure'),
    ].join('');
  });
  const legend = legendOf(top + 16, [
    ['on-demand', 'on-demand'],
    ['spot', 'spot'],
  ]);
  return { svg: title(top, 'Cost') + legend + rows.join('\n'), height: 44 + reports.length * rowHeight + 20 };
}

const second = 1000;
const ticks: readonly (readonly [number, string])[] = [
  [second, '1 s'],
  [10 * second, '10 s'],
  [60 * second, '1 min'],
  [600 * second, '10 min'],
  [3600 * second, '1 h'],
  [36_000 * second, '10 h'],
  [86_400 * second, '1 d'],
  [864_000 * second, '10 d'],
  [8_640_000 * second, '100 d'],
];

/** How long jobs waited: from half of them to the longest, on a logarithmic axis from a second on. */
export function waitSection(reports: readonly ReplayReport[], top: number): Part {
  const longest = Math.max(10 * second, ...reports.map(({ waits }) => waits.maxMs));
  // Up to the first tick that is not before the longest.
  const shown = ticks.filter((_, index) => index === 0 || (ticks[index - 1]?.[0] ?? 0) < longest);
  const endMs = shown.at(-1)?.[0] ?? longest;
  const toX = (ms: number): number =>
    plot.left + (Math.log(Math.max(ms, second) / second) / Math.log(endMs / second)) * (plot.right - plot.left);
  const bottom = top + 44 + reports.length * rowHeight;
  const axis = shown.map(([ms, label]) =>
    [line(toX(ms), top + 40, toX(ms), bottom, 'grid'), text(toX(ms), bottom + 14, label, 'small', 'middle')].join(''),
  );
  const rows = reports.map(({ configuration, waits }, index) => {
    const y = top + 44 + index * rowHeight + barHeight / 2;
    const dot = (ms: number, radius: number, kind: string): string =>
      `<circle cx="${round(toX(ms))}" cy="${round(y)}" r="${radius}" class="${kind}"/>`;
    return [
      rowLabel(y + 5, configuration),
      line(toX(waits.p50Ms), y, toX(waits.maxMs), y, 'wait-range'),
      dot(waits.maxMs, 3, 'wait-max'),
      dot(waits.p95Ms, 5, 'wait-p95'),
      dot(waits.p50Ms, 5, 'wait-p50'),
    ].join('');
  });
  const legend = legendOf(top + 16, [
    ['half wait less', 'wait-p50'],
    ['95 % wait less', 'wait-p95'],
    ['the longest', 'wait-max'],
  ]);
  const svg = title(top, 'Waits') + legend + axis.join('') + rows.join('\n');
  return { svg, height: 44 + reports.length * rowHeight + 40 };
}

/** So many configurations have a chart over time; more would be a drawing that nobody scrolls through. */
const maxCharts = 8;
const chartHeight = 70;

/** Instances, and jobs that wait, over time. */
export function timeSection(reports: readonly ReplayReport[], top: number): Part {
  const drawn = reports.slice(0, maxCharts);
  const spanMs = Math.max(...drawn.map(({ series }) => series.values.instances.length * series.bucketMs), 1);
  const highest = (name: 'instances' | 'waiting'): number =>
    niceCeiling(Math.max(...drawn.flatMap(({ series }) => [...series.values[name]])));
  const most = { instances: highest('instances'), waiting: highest('waiting') };
  const charts = drawn.map((report, index) => chart(report, top + 48 + index * (chartHeight + 26), { spanMs, most }));
  const left = reports.length - drawn.length;
  const height = 48 + drawn.length * (chartHeight + 26) + 24;
  const note = left === 0 ? '' : text(plot.left, top + height - 10, `${left} more without a chart`, 'small');
  const legend = legendOf(top + 16, [
    [`instances (up to ${most.instances})`, 'area'],
    [`waiting jobs (up to ${most.waiting})`, 'waiting-key'],
  ]);
  return { svg: title(top, 'Over time') + legend + charts.join('\n') + note, height };
}

function chart(
  { configuration, series }: ReplayReport,
  top: number,
  scale: { readonly spanMs: number; readonly most: { readonly instances: number; readonly waiting: number } },
): string {
  const bottom = top + chartHeight;
  const points = (name: 'instances' | 'waiting'): readonly string[] =>
    series.values[name].map((value, index) => {
      const x = plot.left + (((index + 0.5) * series.bucketMs) / scale.spanMs) * (plot.right - plot.left);
      return `${round(x)},${round(bottom - (value / scale.most[name]) * chartHeight)}`;
    });
  const area = points('instances');
  const firstX = area[0]?.split(',')[0] ?? plot.left;
  const lastX = area.at(-1)?.split(',')[0] ?? plot.left;
  return [
    rowLabel(top + chartHeight / 2, configuration),
    `<polygon points="${firstX},${bottom} ${area.join(' ')} ${lastX},${bottom}" class="area"/>`,
    `<polyline points="${points('waiting').join(' ')}" class="waiting"/>`,
    line(plot.left, bottom, plot.right, bottom, 'axis'),
    text(plot.right, bottom + 14, days(scale.spanMs), 'small', 'end'),
    text(plot.left, bottom + 14, '0', 'small'),
  ].join('');
}

function days(ms: number): string {
  const hours = ms / 3_600_000;
  return hours < 48 ? `${hours.toFixed(1)} h` : `${(hours / 24).toFixed(1)} d`;
}

function title(top: number, name: string): string {
  return text(margin, top + 20, name, 'title');
}

function legendOf(y: number, entries: readonly (readonly [string, string])[]): string {
  let x: number = plot.left;
  return entries
    .map(([label, kind]) => {
      const entry = rectangle(x, y - 8, 10, 10, kind) + text(x + 16, y + 1, label, 'small');
      x += 34 + label.length * 6.6;
      return entry;
    })
    .join('');
}
