import { constants } from 'node:os';
import type { ContainerRecord, RunResult } from '@drover/spec';
import { exitCodes } from '../output/exit-code.ts';

/** How a container ended, in a few words; undefined while it has not. */
export function outcomeText(record: Pick<ContainerRecord, 'state' | 'result' | 'cancelReason'>): string | undefined {
  if (record.state === 'Cancelled') return `cancelled: ${record.cancelReason ?? 'no reason recorded'}`;
  if (record.state !== 'Complete') return undefined;
  const { result } = record;
  if (result === undefined) return 'ended without a result';
  return resultText(result);
}

/** How an attempt's workload ended, in a few words. */
export function resultText(result: RunResult): string {
  if (result.startError !== undefined) return `could not start: ${result.startError}`;
  if (result.unknown) return 'nobody knows how it ended';
  if (result.oom) return 'used more memory than it may';
  if (result.timedOut) return 'ran longer than it may';
  if (result.signal !== undefined) return `ended by ${result.signal}`;
  return `exit ${result.exitCode ?? 'unknown'}`;
}

/** True when it did what it was to do. */
export function succeeded(record: Pick<ContainerRecord, 'state' | 'result'>): boolean {
  return record.state === 'Complete' && record.result?.exitCode === 0 && record.result.startError === undefined;
}

/** The exit code of `drover run` for this ending: the container's own, as a shell would give it. */
export function passedExitCode({ state, result }: ContainerRecord): number {
  if (state === 'Cancelled') return exitCodes.error;
  if (result === undefined || result.startError !== undefined || result.unknown) return exitCodes.runFailed;
  if (result.exitCode !== undefined) return result.exitCode;
  const number = Object.entries(constants.signals).find(([name]) => name === result.signal)?.[1];
  return number === undefined ? exitCodes.runFailed : 128 + number;
}
