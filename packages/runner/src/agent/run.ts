import type { InlineLog, LogStream, RunnerContainer, RunnerEvent, RunResult, StartRequest } from '@drover/spec';
import { inlineLogBytes } from '@drover/spec';
import type { ExitRecord, StoredLog } from './exit-record.ts';
import type { AgentPorts, RunFoldersPort } from './ports.ts';
import { runKey } from './run-folders.ts';
import type { ShimStart } from './spawner-frames.ts';

/** A stored end, as the dispatcher is to see it. */
export interface RunEnd {
  readonly record: ExitRecord;
  readonly result: RunResult;
  readonly hash: string;
}

/** One run on this VM, while the agent lives. */
export interface Run {
  readonly key: string;
  readonly uuid: string;
  readonly generation: number;
  readonly gpuDevices: readonly number[];
  state: 'starting' | 'running' | 'stale' | 'finished';
  startedAtMs: number | undefined;
  end: RunEnd | undefined;
  /** Kept until the spawner has said anything about it, should the spawner die before. */
  request: ShimStart | undefined;
  /** Its start is being written to the disk; nothing may happen to it before. */
  storing: boolean;
  /** To be told to the shim as soon as it can be. */
  killRequested: boolean;
  /** Its shim belongs to an earlier spawner: nobody reports its end, it has to be looked at. */
  adopted: boolean;
  /** Its end is being read (a long log takes a while to hash). */
  ending: boolean;
}

/** As the protocol lists it. */
export function listRun(run: Run, withResult: boolean): RunnerContainer {
  return {
    uuid: run.uuid,
    generation: run.generation,
    state: run.state,
    ...(run.gpuDevices.length === 0 ? {} : { gpuDevices: run.gpuDevices }),
    ...(run.startedAtMs === undefined ? {} : { startedAtMs: run.startedAtMs }),
    ...(run.end === undefined ? {} : { hash: run.end.hash }),
    ...(run.end === undefined || !withResult ? {} : { result: run.end.result }),
  };
}

/** The streams that are not empty, when each of them is short enough; else none. */
function inlineLogs(folders: RunFoldersPort, run: Run): readonly InlineLog[] {
  const record = run.end?.record;
  if (record === undefined) return [];
  const logs = [record.stdout, record.stderr].filter((log) => log.sizeBytes > 0);
  if (logs.some((log) => log.sizeBytes > inlineLogBytes)) return [];
  return logs.map((log) => ({
    stream: log.stream,
    base64: folders.read(run.key, log.stream, log, 0, log.sizeBytes).bytes.toString('base64'),
  }));
}

/** The stored log of a run that has ended. */
export function storedLog(run: Run, stream: LogStream): StoredLog | undefined {
  return run.end?.record[stream];
}

export function newRun(uuid: string, generation: number, gpuDevices: readonly number[]): Run {
  return {
    key: runKey(uuid, generation),
    uuid,
    generation,
    gpuDevices,
    state: 'starting',
    startedAtMs: undefined,
    end: undefined,
    request: undefined,
    storing: false,
    killRequested: false,
    adopted: false,
    ending: false,
  };
}

/** What the shim is told. Throws when the engine cannot run it. */
export function shimStart(key: string, request: StartRequest, ports: AgentPorts): ShimStart {
  const { limits } = request;
  return {
    key,
    maxRunTimeMs: limits.maxRunTimeMs,
    maxLogBytes: limits.maxLogBytes,
    killGraceMs: limits.killGraceMs,
    secret: request.gatewaySecret,
    ...ports.engineFor(request.container.image).plan(key, request),
  };
}

export function startedEvent(run: Run, sequence: number): () => RunnerEvent {
  const { uuid, generation } = run;
  return () => ({ type: 'started', sequence, uuid, generation, startedAtMs: run.startedAtMs ?? 0 });
}

export function finishedEvent(run: Run, sequence: number, folders: RunFoldersPort): () => RunnerEvent {
  const { uuid, generation, end } = run;
  if (end === undefined) throw new Error(`${run.key} has not ended`);
  const { result, hash } = end;
  return () => ({ type: 'finished', sequence, uuid, generation, result, hash, logs: inlineLogs(folders, run) });
}
