import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CallOptions, Clock, ContainerSpec, ContainerUuid, LogChunk, RunResult, StartRecord } from '@drover/spec';
import { openSqliteQueue, type SqliteQueue } from '../src/index.ts';

export const call: CallOptions = { signal: new AbortController().signal };

export const spec: ContainerSpec = {
  command: ['/bin/sh', '-c', 'echo hello'],
  env: { PATH: '/usr/bin:/bin' },
  resources: { vcpus: 1, ramBytes: 2 ** 30, cacheRamBytes: 0, scratchBytes: [], cacheDiskBytes: 0 },
  scheduling: { priority: 500, preemptible: false, supervisor: false },
  retry: { attempts: 1, on: [] },
};

export const record: StartRecord = { instanceId: 'i-1', instanceType: 'small', pricePerHour: 0.1, startedAtMs: 1 };

export const result: RunResult = {
  exitCode: 0,
  oom: false,
  timedOut: false,
  killed: false,
  preempted: false,
  unknown: false,
  startedAtMs: 1,
  finishedAtMs: 2,
  logs: [],
};

/** A log of this many bytes. */
export function log(bytes: number): LogChunk[] {
  return [{ stream: 'stdout', offset: 0, bytes: new Uint8Array(bytes).fill(120) }];
}

/** The queue never sleeps; it only reads the time. */
const clock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  timer: () => () => undefined,
  sleep: () => Promise.reject(new Error('this clock does not sleep')),
};

/** Opens a queue as in production, on the temporary disk, with `waiting` containers in it, and cleans up afterwards. */
export async function withBenchQueue<T>(
  waiting: number,
  body: (queue: SqliteQueue, uuids: readonly ContainerUuid[]) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'drover-queue-bench-'));
  const random = { next: Math.random, hex: (bytes: number): string => randomBytes(bytes).toString('hex') };
  const paths = { path: join(folder, 'queue.db'), logsDirectory: join(folder, 'logs') };
  const queue = await openSqliteQueue({ ...paths, clock, random });
  try {
    await queue.state.lead(call);
    const uuids = await queue.store.submit(
      Array.from({ length: waiting }, () => spec),
      call,
    );
    return await body(queue, uuids);
  } finally {
    await queue.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Milliseconds of each of `count` calls, one after another. */
export async function times(count: number, act: (i: number) => Promise<unknown>): Promise<number[]> {
  const taken: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const began = performance.now();
    await act(i);
    taken.push(performance.now() - began);
  }
  return taken;
}
