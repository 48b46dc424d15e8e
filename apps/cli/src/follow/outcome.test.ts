import type { ContainerRecord, RunResult } from '@drover/spec';
import { describe, expect, it } from 'vitest';
import { outcomeText, passedExitCode, succeeded } from './outcome.ts';

const ended: RunResult = {
  oom: false,
  timedOut: false,
  killed: false,
  preempted: false,
  unknown: false,
  startedAtMs: 0,
  finishedAtMs: 1,
  logs: [],
};

function record(state: ContainerRecord['state'], result?: Partial<RunResult>): ContainerRecord {
  return {
    uuid: 'u',
    state,
    priority: 1,
    generation: 1,
    spec: {
      command: ['a'],
      env: {},
      resources: { vcpus: 1, ramBytes: 1, cacheRamBytes: 0, scratchBytes: [], cacheDiskBytes: 0 },
      scheduling: { priority: 1, preemptible: false, supervisor: false },
      retry: { attempts: 1, on: [] },
    },
    submittedAtMs: 0,
    attempts: [],
    ...(result === undefined ? {} : { result: { ...ended, ...result } }),
  };
}

describe('how a container ended', () => {
  it.each<readonly [string, ContainerRecord, string | undefined, number, boolean]>([
    ['well', record('Complete', { exitCode: 0 }), 'exit 0', 0, true],
    ['with a code', record('Complete', { exitCode: 42 }), 'exit 42', 42, false],
    ['by a signal', record('Complete', { signal: 'SIGTERM' }), 'ended by SIGTERM', 143, false],
    ['by a signal not known here', record('Complete', { signal: 'SIGODD' }), 'ended by SIGODD', 125, false],
    ['out of memory', record('Complete', { signal: 'SIGKILL', oom: true }), 'used more memory than it may', 137, false],
    ['out of time', record('Complete', { signal: 'SIGTERM', timedOut: true }), 'ran longer than it may', 143, false],
    [
      'before it began',
      record('Complete', { startError: 'no such file' }),
      'could not start: no such file',
      125,
      false,
    ],
    ['nobody knows how', record('Complete', { unknown: true }), 'nobody knows how it ended', 125, false],
    ['without a result', record('Complete'), 'ended without a result', 125, false],
    ['cancelled', { ...record('Cancelled'), cancelReason: 'enough' }, 'cancelled: enough', 1, false],
  ])('%s', (_name, ending, text, exitCode, well) => {
    expect([outcomeText(ending), passedExitCode(ending), succeeded(ending)]).toEqual([text, exitCode, well]);
  });

  it('is not known before it has', () => expect(outcomeText(record('Running'))).toBeUndefined());
});
