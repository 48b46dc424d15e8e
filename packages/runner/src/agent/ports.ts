import type { Clock, LogStream, StartRequest } from '@drover/spec';
import type { JournalRecord } from './agent-state.ts';
import type { StoredLog } from './exit-record.ts';
import type { ShimStart, SpawnerReport } from './spawner-frames.ts';
import type { LogPart } from './stored-logs.ts';

/** The durable memory; see journal.ts. */
export interface JournalPort {
  /** Long enough to be rewritten? */
  readonly isLong: boolean;
  compact(records: readonly JournalRecord[]): void;
  append(record: JournalRecord): void;
  durable(): Promise<void>;
  flush(): void;
}

/** The way to the native helper; see spawner-client.ts. Frames are queued while it is away. */
export interface SpawnerPort {
  start(start: ShimStart): void;
  /** Answered with `running`, `finished`, `stale` or `gone`. */
  probe(key: string): void;
  forget(key: string): void;
  /** Ends what still holds the lock of a run without a shim. */
  killStale(key: string): void;
  onReport(listener: (report: SpawnerReport) => void): void;
}

/** The folders of the runs; see run-folders.ts. */
export interface RunFoldersPort {
  /** Keys of all folders there are. */
  list(): readonly string[];
  /** Sends a letter to the shim; false when no shim listens. */
  order(key: string, letter: 'T' | 'P'): boolean;
  hash(key: string, log: StoredLog): string | Promise<string>;
  read(key: string, stream: LogStream, log: StoredLog | undefined, offset: number, maxBytes: number): LogPart;
  /** What an engine's cleanup printed; empty when there was none. */
  cleanupOutput(key: string): string;
}

/** How a container's command becomes a command of this VM. */
export interface Engine {
  readonly name: 'process' | 'docker' | 'podman';
  /** Throws an Error whose text is for the user when the request cannot be run at all. */
  plan(key: string, request: StartRequest): EnginePlan;
}

/** `memoryBytes` and `milliCpus` are those that the shim is to enforce; 0 where the engine does it. */
export type EnginePlan = Pick<
  ShimStart,
  'prepare' | 'command' | 'cleanup' | 'env' | 'envFile' | 'cwd' | 'memoryBytes' | 'milliCpus'
>;

/** All that the agent needs from outside. */
export interface AgentPorts {
  readonly clock: Clock;
  readonly journal: JournalPort;
  readonly spawner: SpawnerPort;
  readonly folders: RunFoldersPort;
  /** By whether the container has an image. */
  engineFor(image: string | undefined): Engine;
  readonly bootId: string;
  readonly version: string;
  /** A run's supervisor is gone: the container that its engine may have left behind has to go, too. */
  removeContainer(key: string): void;
  /** Ends the VM, where the deployment says how. */
  powerOff(): void;
  readonly log: (text: string) => void;
}
