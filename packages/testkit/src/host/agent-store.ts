import { createHash } from 'node:crypto';
import type { InlineLog, LogStream, LogSummary, RunnerContainer, RunResult } from '@drover/spec';
import { inlineLogBytes } from '@drover/spec';
import type { RunPlan } from './host-options.ts';

/** One run as the agent keeps it on disk. */
export interface AgentRun {
  readonly uuid: string;
  readonly generation: number;
  readonly plan: RunPlan;
  readonly startedAtMs: number;
  readonly gpuDevices: readonly number[];
  state: 'starting' | 'running' | 'stale' | 'finished';
  result: RunResult | undefined;
  hash: string | undefined;
  /** Cancels the timers of a live run. */
  cancel: () => void;
}

/** What survives the agent, though not the VM. */
export class AgentStore {
  readonly bootId: string;
  readonly runs = new Map<string, AgentRun>();
  /** The highest generation ever accepted per container, and whether its result was acknowledged. */
  readonly generations = new Map<string, number>();
  epoch = 0;
  session = 0;
  draining = false;
  broken: string | undefined;
  preemptionNotice: string | undefined;
  sequence = 0;

  constructor(bootId: string) {
    this.bootId = bootId;
  }

  /** What `list` says. */
  containers(): readonly RunnerContainer[] {
    return Array.from(this.runs.values(), ({ uuid, generation, state, startedAtMs, gpuDevices, result, hash }) => ({
      uuid,
      generation,
      state,
      startedAtMs,
      ...(gpuDevices.length === 0 ? {} : { gpuDevices }),
      ...(result === undefined ? {} : { result }),
      ...(hash === undefined ? {} : { hash }),
    }));
  }
}

/** The stored bytes of one stream. */
export function logBytes(plan: RunPlan, stream: LogStream): Uint8Array {
  return new TextEncoder().encode(plan[stream] ?? '');
}

/** What the result says about the streams that are not empty. */
export function summarizeLogs(plan: RunPlan): readonly LogSummary[] {
  return streamsOf(plan).map(({ stream, bytes }) => ({
    stream,
    sizeBytes: bytes.length,
    droppedBytes: 0,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  }));
}

/** The logs that travel with the event: all, when each is short. */
export function inlineLogs(plan: RunPlan): readonly InlineLog[] {
  const streams = streamsOf(plan);
  if (streams.some(({ bytes }) => bytes.length > inlineLogBytes)) return [];
  return streams.map(({ stream, bytes }) => ({ stream, base64: Buffer.from(bytes).toString('base64') }));
}

/** The hash that an acknowledgement must name. */
export function resultHash(result: RunResult): string {
  return createHash('sha256').update(JSON.stringify(result)).digest('hex');
}

function streamsOf(plan: RunPlan): { stream: LogStream; bytes: Uint8Array }[] {
  return (['stdout', 'stderr'] as const)
    .map((stream) => ({ stream, bytes: logBytes(plan, stream) }))
    .filter(({ bytes }) => bytes.length > 0);
}
