import { createHash } from 'node:crypto';
import { constants } from 'node:os';
import type { LogSummary, RunResult } from '@drover/spec';
import type { ExitRecord, StoredLog } from './exit-record.ts';

const signalNames = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));

/** What an engine knows about a container after its client program has ended. */
export interface EngineFindings {
  readonly oom: boolean;
  /** False: the engine could not start it (no such command in the image, a bad option, …). */
  readonly started: boolean;
}

/** Turns a wait status into what the user sees: an exit code or a signal, never one dressed up as the other. */
export function decodeWaitStatus(status: number): { readonly exitCode: number } | { readonly signal: string } {
  const number = status & 0x7f;
  if (number === 0) return { exitCode: (status >> 8) & 0xff };
  return { signal: signalNames.get(number) ?? `SIG${number}` };
}

/** The result as the protocol tells it. `findings` only for runs in an image. */
export function toRunResult(
  record: ExitRecord,
  hashes: { readonly stdout: string; readonly stderr: string },
  findings: EngineFindings | undefined,
): RunResult {
  const error =
    record.error === '' && findings?.started === false && !record.killed
      ? 'the container engine could not start the container; its output is in stderr'
      : record.error;
  const ran = record.waitStatus !== undefined && findings?.started !== false;
  return {
    ...(ran && record.waitStatus !== undefined ? decodeWaitStatus(record.waitStatus) : {}),
    oom: record.oom || findings?.oom === true,
    timedOut: record.timedOut,
    killed: record.killed,
    preempted: record.preempted,
    ...(error === '' ? {} : { startError: error }),
    unknown: record.unknown,
    startedAtMs: record.startedAtMs,
    finishedAtMs: record.finishedAtMs,
    logs: [summarize(record.stdout, hashes.stdout), summarize(record.stderr, hashes.stderr)],
  };
}

function summarize(log: StoredLog, sha256: string): LogSummary {
  return { stream: log.stream, sizeBytes: log.sizeBytes, droppedBytes: log.droppedBytes, sha256 };
}

/** What `ack` must name: SHA-256 over the stored record and the hashes of the stored logs. The same whichever agent computes it. */
export function resultHash(recordText: string, hashes: { readonly stdout: string; readonly stderr: string }): string {
  return sha256(`${recordText}\n${hashes.stdout}\n${hashes.stderr}\n`);
}

/** Lower-case hex. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
