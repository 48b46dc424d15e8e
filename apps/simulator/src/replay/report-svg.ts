import type { ReplayReport } from './replay-report.ts';
import { drawing, text } from './svg-parts.ts';
import { costSection, timeSection, waitSection } from './svg-sections.ts';

/** Readable on white and on black; colours that differ in lightness too, for who does not tell them apart. */
const style = `
  svg { color-scheme: light dark; --ink: #1c2430; --faint: #d9dee5; --ground: #ffffff; --soft: #5b6675;
    --one: #2f6fb3; --two: #f0a63c; --three: #b23a6b; }
  @media (prefers-color-scheme: dark) { svg { --ink: #e6eaf0; --faint: #3a4452; --ground: #14181f; --soft: #9aa6b5;
    --one: #6aa9e9; --two: #f2b75e; --three: #ef7fae; } }
  .ground { fill: var(--ground); }
  text { font: 13px system-ui, sans-serif; fill: var(--ink); }
  .headline { font-size: 18px; font-weight: 600; }
  .title { font-size: 14px; font-weight: 600; }
  .small { font-size: 11px; fill: var(--soft); }
  .figure { font-variant-numeric: tabular-nums; }
  .on-demand { fill: var(--one); }
  .spot { fill: var(--two); }
  .grid { stroke: var(--faint); }
  .axis { stroke: var(--soft); }
  .wait-range { stroke: var(--soft); stroke-width: 2; }
  .wait-p50 { fill: var(--one); }
  .wait-p95 { fill: var(--two); }
  .wait-max { fill: var(--three); }
  .area { fill: var(--one); fill-opacity: 0.45; }
  .waiting { fill: none; stroke: var(--three); stroke-width: 1.5; }
  .waiting-key { fill: var(--three); }`;

/** One drawing that compares what several configurations made of a trace. A whole SVG document. */
export function reportSvg(headline: string, reports: readonly ReplayReport[]): string {
  const { width, margin } = drawing;
  let top = 64;
  const parts: string[] = [];
  for (const section of [costSection, waitSection, timeSection]) {
    const { svg, height } = section(reports, top);
    parts.push(`<g>${svg}</g>`);
    top += height;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top}" width="${width}" height="${top}" role="img">`,
    `<style>${style}\n</style>`,
    `<rect class="ground" width="${width}" height="${top}"/>`,
    text(margin, 36, headline, 'headline'),
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}
