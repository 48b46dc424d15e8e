import { createHash } from 'node:crypto';
import type { InlineLog, LogStream, LogSummary, RunnerContainer, RunResult } from '@drover/spec';
import { inlineLogBytes } from '@drover/spec';
import type { RunPlan } from './host-options.ts';

/** One run as the agent keeps it. */
export interface AgentRun {
  readonly uuid: string;
  readonly generation: number;
  readonly plan: RunPlan;
  readonly startedAtMs: number;
  readonly gpuDevices: readonly number[];
  /** Of its shim; the workload is below that. */
  readonly pid: number;
  state: 'starting' | 'running' | 'stale' | 'finished';
  result: RunResult | undefined;
  hash: string | undefined;
  /** Cancels the timers of a live run. */
  cancel: () => void;
}

/** What the agent's journal says once it is synced. */
interface Journal {
  readonly runs: ReadonlyMap<string, AgentRun>;
  readonly generations: ReadonlyMap<string, number>;
  readonly epoch: number;
  readonly session: number;
  readonly draining: boolean;
  readonly sequence: number;
}

/**
 * What survives the agent, though not the VM. Of what was written since the last `sync` nothing survives a power loss, but
 * for results: their writer syncs each by itself.
 */
export class AgentStore {
  bootId: string;
  readonly runs = new Map<string, AgentRun>();
  /** The highest generation ever accepted per container, and whether its result was acknowledged. */
  readonly generations = new Map<string, number>();
  epoch = 0;
  session = 0;
  draining = false;
  broken: string | undefined;
  preemptionNotice: string | undefined;
  sequence = 0;
  #synced: Journal = { runs: new Map(), generations: new Map(), epoch: 0, session: 0, draining: false, sequence: 0 };

  constructor(bootId: string) {
    this.bootId = bootId;
  }

  /** Everything written so far is on the disk. */
  sync(): void {
    const { epoch, session, draining, sequence } = this;
    this.#synced = {
      runs: new Map(this.runs),
      generations: new Map(this.generations),
      epoch,
      session,
      draining,
      sequence,
    };
  }

  /** The power was lost: what was not synced never was. Faults and notices belong to one boot. */
  losePower(bootId: string): void {
    const { runs, generations, epoch, session, draining, sequence } = this.#synced;
    replace(this.runs, runs);
    replace(this.generations, generations);
    // Numbers of events that were sent must not be given out again.
    Object.assign(this, { bootId, epoch, session, draining, sequence: Math.max(sequence, this.sequence) });
    this.broken = undefined;
    this.preemptionNotice = undefined;
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

function replace<K, V>(map: Map<K, V>, contents: ReadonlyMap<K, V>): void {
  map.clear();
  for (const [key, value] of contents) map.set(key, value);
}
