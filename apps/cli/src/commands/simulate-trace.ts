import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { formatDuration } from '@drover/management-api/units';
import type { CloudModel, ReadTrace, ReplayConfiguration, ReplayReport } from '@drover/simulator';
import { type OutputFormat, print } from '../output/print.ts';
import { renderTable } from '../output/table.ts';
import { note, out } from '../output/terminal.ts';
import { usageError } from '../output/usage-error.ts';
import { chooseConfigurations, type ConfigurationChoice } from './simulate-configurations.ts';
import { comparisonColumns, typeColumns } from './simulate-report.ts';

/** Flags of `drover simulate TRACE`. */
export interface SimulateTraceOptions extends ConfigurationChoice {
  readonly output: OutputFormat;
  readonly svg?: string;
  /** Milliseconds. */
  readonly bootTime?: number;
  /** Milliseconds. */
  readonly spotLife?: number;
  readonly quota?: number;
  readonly seed?: number;
}

/** `drover simulate TRACE`: replays the trace with every chosen configuration and compares what came of it. */
export async function simulateTrace(file: string, options: SimulateTraceOptions): Promise<void> {
  const { defaultTraceReadOptions, madeUpInstanceTypes, readTrace } = await import('@drover/simulator');
  const trace = await readTrace(file, defaultTraceReadOptions);
  const recorded = trace.environment?.instanceTypes ?? [];
  let supposed = '';
  const configurations = await chooseConfigurations(options, () => {
    supposed = recorded.length > 0 ? 'those of the trace' : '2, 4, 8 … vcpus with 4 GiB each at 0.05 an hour';
    return recorded.length > 0 ? recorded : madeUpInstanceTypes(trace.jobs);
  });
  noteTrace(file, trace);
  if (supposed !== '') note(`no instance types are configured: ${supposed} are supposed`);
  const model = await modelOf(trace, options);
  const reports: ReplayReport[] = [];
  for (const configuration of configurations) reports.push(await replayOne(trace, configuration, model));
  printReports(options.output, trace, reports);
  if (options.svg !== undefined) await draw(options.svg, `${basename(file)}: ${trace.jobs.size} jobs`, reports);
}

async function modelOf(
  { environment }: ReadTrace,
  { bootTime, spotLife, quota, seed }: SimulateTraceOptions,
): Promise<CloudModel> {
  const { cloudModelOf } = await import('@drover/simulator');
  const model = cloudModelOf(environment);
  const spotMeanLifeMs = spotLife === 0 ? Number.POSITIVE_INFINITY : spotLife;
  return {
    ...model,
    ...(spotMeanLifeMs === undefined ? {} : { zones: model.zones.map((zone) => ({ ...zone, spotMeanLifeMs })) }),
    ...(bootTime === undefined ? {} : { bootMs: [bootTime] }),
    ...(quota === undefined ? {} : { quota }),
    ...(seed === undefined ? {} : { seed }),
  };
}

async function replayOne(
  { jobs }: ReadTrace,
  configuration: ReplayConfiguration,
  model: CloudModel,
): Promise<ReplayReport> {
  const { replay } = await import('@drover/simulator');
  const startedAtMs = performance.now();
  let nextNoteMs = startedAtMs + 2_000;
  const onProgress = (ended: number): void => {
    if (!process.stderr.isTTY || performance.now() < nextNoteMs) return;
    nextNoteMs = performance.now() + 2_000;
    note(`${configuration.name}: ${ended} of ${jobs.size} jobs`);
  };
  const report = await replay({ jobs, configuration, model, onProgress });
  return { ...report, tookSeconds: (performance.now() - startedAtMs) / 1000 };
}

async function draw(path: string, headline: string, reports: readonly ReplayReport[]): Promise<void> {
  const { reportSvg } = await import('@drover/simulator');
  try {
    await writeFile(path, reportSvg(headline, reports));
  } catch (error) {
    throw usageError(`cannot write ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
  note(`drawn in ${path}`);
}

function noteTrace(file: string, { format, jobs, notes }: ReadTrace): void {
  const spanMs = jobs.submitMs(jobs.size - 1);
  note(`${file}: ${jobs.size} jobs (${format}), submitted over ${formatDuration(spanMs)}`);
  for (const [why, count] of notes.skipped) note(`  ${count} not taken: ${why}`);
  for (const [what, count] of notes.assumed) note(`  ${count} without, supposed: ${what}`);
}

function printReports(format: OutputFormat, { notes }: ReadTrace, reports: readonly ReplayReport[]): void {
  const counts = { skipped: Object.fromEntries(notes.skipped), assumed: Object.fromEntries(notes.assumed) };
  const [first, second] = reports;
  print(format, {
    items: reports,
    columns: comparisonColumns,
    name: ({ configuration }) => configuration,
    json: { trace: { ...counts, remarks: notes.remarks }, items: reports },
  });
  if (format === 'table' && first !== undefined && second === undefined)
    out(`\n${renderTable(first.types, typeColumns)}`);
}
