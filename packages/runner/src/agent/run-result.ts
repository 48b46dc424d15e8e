import { createHash } from 'node:crypto';
import { constants } from 'node:os';
import type { LogSummary, RunResult } from '@drover/spec';
import type { ExitRecord, StoredLog } from './exit-record.ts';

const signalNames = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));

/** What an engine knows about a container after its client program has ended. */
export type EngineFindings =
  /** The engine itself did not answer, so nothing was started. */
  | { readonly kind: 'no-engine' }
  /** The engine could not start it (no such command in the image, a bad option, …). */
  | { readonly kind: 'no-container' }
  | {
      readonly kind: 'container';
      readonly oom: boolean;
      /** It went on when its client program had ended. (By the time of the result it is removed.) */
      readonly running: boolean;
      readonly exitCode: number;
    };

/** With this exit code the client programs of docker and podman report a failure of their own, not the container's. */
const engineFailed = 125;

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
  const error = startError(record, findings);
  const end = howItEnded(record, findings);
  return {
    ...(end === 'unknown' ? {} : end),
    oom: record.oom || (findings?.kind === 'container' && findings.oom),
    timedOut: record.timedOut,
    killed: record.killed,
    preempted: record.preempted,
    ...(error === '' ? {} : { startError: error }),
    unknown: record.unknown || end === 'unknown',
    startedAtMs: record.startedAtMs,
    finishedAtMs: record.finishedAtMs,
    // Where an engine ran it, this is what the engine's client program took.
    ...(record.peakRamBytes === undefined || record.cleanedUp ? {} : { peakRamBytes: record.peakRamBytes }),
    logs: [summarize(record.stdout, hashes.stdout), summarize(record.stderr, hashes.stderr)],
  };
}

function startError(record: ExitRecord, findings: EngineFindings | undefined): string {
  if (findings?.kind === 'no-engine') return 'the container engine of this VM does not answer; its words are in stderr';
  if (record.error !== '' || record.killed || findings?.kind !== 'no-container') return record.error;
  return 'the container engine could not start the container; its output is in stderr';
}

type End = { readonly exitCode: number } | { readonly signal: string } | 'unknown' | undefined;

/** Undefined: the command never ran. */
function howItEnded(record: ExitRecord, findings: EngineFindings | undefined): End {
  if (findings?.kind === 'no-engine') return record.killed ? undefined : 'unknown';
  if (record.waitStatus === undefined || findings?.kind === 'no-container') return undefined;
  const end = decodeWaitStatus(record.waitStatus);
  if (findings === undefined) return end;
  // The client program was killed: the container has ended in its own way before, or we have ended both, or it had no part in that.
  if ('signal' in end && !findings.running) return { exitCode: findings.exitCode };
  if (record.killed || record.timedOut || record.preempted) return end;
  if ('signal' in end) return 'unknown';
  return end.exitCode === engineFailed && findings.exitCode !== engineFailed ? 'unknown' : end;
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
