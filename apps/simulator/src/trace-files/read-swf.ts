import { type Line, readLines } from '@drover/trace';
import { JobCollector } from './job-table.ts';
import { LineProblems } from './line-problems.ts';
import { SwfHeader } from './swf-header.ts';
import { NoteTaker, type JobShape, usualPriority } from './trace-job.ts';
import type { ReadTrace, TraceReadOptions } from './trace-source.ts';

/**
 * The 18 fields of the Standard Workload Format 2.2 (Parallel Workloads Archive). -1: not known. Times are seconds, memory is
 * kilobytes per processor.
 */
const fieldNames = [
  'job number',
  'submit time',
  'wait time',
  'run time',
  'allocated processors',
  'average CPU time',
  'used memory',
  'requested processors',
  'requested time',
  'requested memory',
  'status',
  'user',
  'group',
  'application',
  'queue',
  'partition',
  'preceding job',
  'think time',
] as const;

/** Indexes of the fields that a replay needs. */
const at = { submit: 1, run: 3, allocated: 4, usedMemory: 6, requested: 7, requestedMemory: 9, status: 10 } as const;

/** Job status. Of a job that was swapped out there is a line of its own for each part, beside the one for the whole. */
const partialStatus: ReadonlySet<number> = new Set([2, 3, 4]);
const cancelled = 5;

const mebibyte = 1024 * 1024;

/** Reads a file in the Standard Workload Format. @throws ConfigError with the place of every bad line */
export async function readSwf(path: string, { ramPerVcpuBytes }: TraceReadOptions): Promise<ReadTrace> {
  const notes = new NoteTaker();
  const jobs = new JobCollector();
  const problems = new LineProblems(path);
  const header = new SwfHeader();
  for await (const lines of readLines(path)) {
    for (const line of lines) {
      const text = line.text.trim();
      if (text === '') continue;
      if (text.startsWith(';')) header.add(text);
      else {
        const fields = parseFields(line, problems);
        if (fields !== undefined) addJob(fields);
      }
    }
  }
  problems.check();
  notes.remarks.push(...header.remarks());
  return { format: 'swf', jobs: jobs.table(), notes };

  function addJob(fields: readonly number[]): void {
    const field = (index: number): number => fields[index] ?? -1;
    const status = field(at.status);
    const processors = field(at.allocated) > 0 ? field(at.allocated) : field(at.requested);
    const why = whyUnusable({ status, processors, submit: field(at.submit), run: field(at.run) });
    if (why !== undefined) {
      notes.skip(why);
      return;
    }
    const kilobytes = field(at.requestedMemory) > 0 ? field(at.requestedMemory) : field(at.usedMemory);
    if (kilobytes <= 0) notes.assume(`${ramPerVcpuBytes / mebibyte} MiB of memory per processor`);
    const perProcessor = kilobytes > 0 ? kilobytes * 1024 : ramPerVcpuBytes;
    jobs.add({
      submitMs: field(at.submit) * 1000,
      runMs: field(at.run) * 1000,
      peakRamBytes: field(at.usedMemory) > 0 ? field(at.usedMemory) * 1024 * processors : 0,
      exitCode: status === 0 ? 1 : 0,
      shape: shapeOf(processors, perProcessor * processors),
    });
  }
}

function whyUnusable(job: {
  readonly status: number;
  readonly processors: number;
  readonly submit: number;
  readonly run: number;
}): string | undefined {
  if (partialStatus.has(job.status)) return 'part of a job that was swapped out; the line for the whole job counts';
  if (job.status === cancelled && job.run <= 0) return 'cancelled before it ran';
  if (job.submit < 0) return 'no submit time';
  if (job.run < 0) return 'no run time';
  if (job.processors <= 0) return 'no number of processors';
  return undefined;
}

function shapeOf(vcpus: number, ramBytes: number): JobShape {
  // Memory to the next 64 MiB: jobs that differ by less are alike to a scheduler.
  const ram = Math.ceil(ramBytes / (64 * mebibyte)) * 64 * mebibyte;
  return {
    resources: { vcpus, ramBytes: ram, cacheRamBytes: 0, scratchBytes: [], cacheDiskBytes: 0 },
    preemptible: 'prefer',
    priority: usualPriority,
    supervisor: false,
    constraints: {},
  };
}

function parseFields(line: Line, problems: LineProblems): readonly number[] | undefined {
  const words = line.text.trim().split(/\s+/);
  if (words.length !== fieldNames.length) {
    const column = line.text.length - line.text.trimStart().length + 1;
    const message = `${words.length} fields where the format has ${fieldNames.length}`;
    problems.add({ line: line.number, column }, message, line.torn ? 'the file seems cut off: get it anew' : fix);
    return undefined;
  }
  const numbers = words.map(Number);
  const bad = numbers.findIndex((value) => !Number.isFinite(value));
  if (bad === -1) return numbers;
  const message = `"${words[bad] ?? ''}" is not a number (${fieldNames[bad] ?? ''})`;
  problems.add({ line: line.number, column: columnOf(line.text, bad) }, message, 'write -1 for what is not known');
  return undefined;
}

const fix = 'a job is one line of 18 numbers; a comment begins with ";"';

/** Column of the word number `index`, counted from 1. */
function columnOf(text: string, index: number): number {
  const word = [...text.matchAll(/\S+/g)][index];
  return (word?.index ?? 0) + 1;
}
