import type { ContainerQueue, ContainerSpec, ContainerUuid, QueueEntry, RunResult, StartRecord } from '@drover/spec';
import type { JobAsk, JobEnded, TraceRecord } from './trace-records.ts';

/** What is remembered of a container that has not ended. */
interface OpenJob {
  readonly ask: JobAsk;
  startedAtMs: number | undefined;
  firstStartedAtMs: number | undefined;
  start: StartRecord | undefined;
  starts: number;
  lostRuns: number;
  lostRunMs: number;
  result: RunResult | undefined;
}

/** How containers are recorded. */
export interface JobRecording {
  readonly wallMs: () => number;
  readonly write: (record: TraceRecord) => void;
  /** Record names too. */
  readonly names: boolean;
}

/** Follows containers through a queue's answers, from the first poll that brings them to their end. */
export class RecordedJobs {
  readonly #recording: JobRecording;
  readonly #open = new Map<ContainerUuid, OpenJob>();

  constructor(recording: JobRecording) {
    this.#recording = recording;
  }

  /** The same queue; whatever goes through it is recorded. */
  watch(queue: ContainerQueue): ContainerQueue {
    return {
      fenced: queue.fenced,
      onWake: (listener) => queue.onWake(listener),
      fetch: (uuid, options) => queue.fetch(uuid, options),
      appendLog: (uuid, generation, chunk, options) => queue.appendLog(uuid, generation, chunk, options),
      poll: async (since, options) => {
        const update = await queue.poll(since, options);
        for (const entry of update.entries) this.#seen(entry);
        return update;
      },
      lock: async (uuid, generation, options) => {
        const locked = await queue.lock(uuid, generation, options);
        this.#seen(locked.entry, locked.spec);
        return locked;
      },
      unlock: async (uuid, generation, reason, options) =>
        this.#answered(await queue.unlock(uuid, generation, reason, options)),
      started: async (uuid, generation, record, options) => {
        const entry = await queue.started(uuid, generation, record, options);
        this.#started(entry, record);
        return entry;
      },
      finished: async (uuid, generation, result, logs, options) => {
        const entry = await queue.finished(uuid, generation, result, logs, options);
        // A run too short to be seen running was never reported as started.
        if (options.start !== undefined && this.#open.get(uuid)?.startedAtMs === undefined)
          this.#started(entry, options.start);
        this.#finished(entry, result);
        return this.#answered(entry);
      },
      lost: async (uuid, generation, loss, options) => {
        const entry = await queue.lost(uuid, generation, loss, options);
        this.#lost(entry);
        return this.#answered(entry);
      },
      cancel: async (uuid, generation, reason, options) =>
        this.#answered(await queue.cancel(uuid, generation, reason, options)),
    };
  }

  #seen(entry: QueueEntry, spec?: ContainerSpec): void {
    if (isFinal(entry.state)) {
      this.#answered(entry);
      return;
    }
    if (this.#open.has(entry.uuid)) return;
    const ask = this.#askOf(entry, spec);
    const nothing = { startedAtMs: undefined, firstStartedAtMs: undefined, start: undefined, result: undefined };
    this.#open.set(entry.uuid, { ask, ...nothing, starts: 0, lostRuns: 0, lostRunMs: 0 });
    this.#recording.write({ type: 'submitted', uuid: entry.uuid, ...ask });
  }

  #started({ uuid }: QueueEntry, start: StartRecord): void {
    const job = this.#open.get(uuid);
    if (job === undefined) return;
    job.startedAtMs = start.startedAtMs;
    job.firstStartedAtMs ??= start.startedAtMs;
    job.start = start;
    job.starts += 1;
  }

  #finished({ uuid }: QueueEntry, result: RunResult): void {
    const job = this.#open.get(uuid);
    if (job === undefined) return;
    if (result.preempted || result.unknown) this.#loseRun(job);
    else job.result = result;
    job.startedAtMs = undefined;
  }

  #lost({ uuid }: QueueEntry): void {
    const job = this.#open.get(uuid);
    if (job?.startedAtMs !== undefined) this.#loseRun(job);
  }

  #loseRun(job: OpenJob): void {
    job.lostRuns += 1;
    job.lostRunMs += Math.max(0, this.#recording.wallMs() - (job.startedAtMs ?? this.#recording.wallMs()));
    job.startedAtMs = undefined;
  }

  #answered(entry: QueueEntry): QueueEntry {
    const { uuid, state } = entry;
    const job = this.#open.get(uuid);
    if (job === undefined || (state !== 'Complete' && state !== 'Cancelled')) return entry;
    this.#open.delete(uuid);
    this.#recording.write(endedRecord(uuid, state, job, this.#recording.wallMs()));
    return entry;
  }

  #askOf(entry: QueueEntry, spec: ContainerSpec | undefined): JobAsk {
    const { priority, ...scheduling } = entry.scheduling;
    const { submittedAtMs, resources } = entry;
    const name = this.#recording.names ? spec?.name : undefined;
    return { submittedAtMs, resources, scheduling, priority, ...(name === undefined ? {} : { name }) };
  }
}

function endedRecord(uuid: ContainerUuid, state: JobEnded['state'], job: OpenJob, atMs: number): JobEnded {
  const { ask, result, start, firstStartedAtMs, starts, lostRuns, lostRunMs } = job;
  return {
    type: 'ended',
    uuid,
    ...ask,
    atMs,
    state,
    ...(firstStartedAtMs === undefined ? {} : { firstStartedAtMs }),
    ...(result === undefined ? {} : { runMs: Math.max(0, result.finishedAtMs - result.startedAtMs) }),
    ...(result?.exitCode === undefined ? {} : { exitCode: result.exitCode }),
    ...(result?.signal === undefined ? {} : { signal: result.signal }),
    ...(result?.peakRamBytes === undefined ? {} : { peakRamBytes: result.peakRamBytes }),
    ...(start === undefined ? {} : { instanceId: start.instanceId, instanceType: start.instanceType }),
    starts,
    lostRuns,
    lostRunMs,
  };
}

function isFinal(state: QueueEntry['state']): boolean {
  return state === 'Complete' || state === 'Cancelled';
}
