import { readLines } from '@drover/trace';
import { ConfigError } from '@drover/spec';
import { readDroverTrace } from './read-drover-trace.ts';
import { isNextflowHeader, readNextflow } from './read-nextflow.ts';
import { readSwf } from './read-swf.ts';
import type { ReadTrace, TraceFormat, TraceReadOptions } from './trace-source.ts';

const readers: Readonly<Record<TraceFormat, (path: string, options: TraceReadOptions) => Promise<ReadTrace>>> = {
  swf: readSwf,
  nextflow: readNextflow,
  drover: readDroverTrace,
};

/**
 * Reads a trace file in whatever format it has: that shows in its first line.
 * @throws ConfigError TRACE_UNREADABLE, or TRACE_INVALID with the place of every bad line
 */
export async function readTrace(path: string, options: TraceReadOptions): Promise<ReadTrace> {
  const format = formatOf(await firstLine(path));
  if (format === undefined) {
    const fix = 'give a trace recorded by drover, a Standard Workload Format file, or a trace file of Nextflow';
    throw new ConfigError([
      {
        code: 'TRACE_INVALID',
        path: '',
        message: 'no known format begins like this',
        fix,
        file: path,
        line: 1,
        column: 1,
      },
    ]);
  }
  const trace = await readers[format](path, options);
  if (trace.jobs.size === 0) throw noJobs(path, trace);
  return trace;
}

function formatOf(line: string): TraceFormat | undefined {
  if (/^\s*;/.test(line) || /^\s*\d+(\s+-?[\d.]+){17}\s*$/.test(line)) return 'swf';
  if (line.startsWith('{"type":"drover-trace"')) return 'drover';
  if (isNextflowHeader(line)) return 'nextflow';
  return undefined;
}

async function firstLine(path: string): Promise<string> {
  for await (const lines of readLines(path)) {
    const line = lines.find(({ text }) => text.trim() !== '');
    if (line !== undefined) return line.text;
  }
  return '';
}

function noJobs(file: string, { notes }: ReadTrace): ConfigError {
  const skipped = [...notes.skipped].map(([why, count]) => `${count} × ${why}`).join(', ');
  const message = `it has no job that could be replayed${skipped === '' ? '' : ` (${skipped})`}`;
  return new ConfigError([
    { code: 'TRACE_INVALID', path: '', message, fix: 'give another trace', file, line: 1, column: 1 },
  ]);
}
