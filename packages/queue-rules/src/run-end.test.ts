import type { RunResult } from '@drover/spec';
import { expect, test } from 'vitest';
import { describeRun, runEnd } from './run-end.ts';

const fine: RunResult = {
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
const { exitCode: _zero, ...noExit } = fine;

test.each<[string, RunResult, string, string]>([
  ['exit 0', fine, 'success', 'exit code 0'],
  ['exit 137', { ...fine, exitCode: 137 }, 'failure exit-code', 'exit code 137'],
  ['a signal', { ...noExit, signal: 'SIGSEGV' }, 'failure exit-code', 'ended by SIGSEGV'],
  ['no exit code at all', noExit, 'failure exit-code', 'exit code unknown'],
  ['a command that is not there', { ...noExit, startError: 'no such file' }, 'failure exit-code', 'no such file'],
  ['oom', { ...noExit, oom: true, signal: 'SIGKILL' }, 'failure oom', 'more memory than allowed'],
  ['too long', { ...noExit, timedOut: true, signal: 'SIGTERM' }, 'failure timeout', 'longer than allowed'],
  ['killed, exits 0 on SIGTERM', { ...fine, killed: true }, 'killed', 'killed on request'],
  ['killed at the limit', { ...fine, killed: true, timedOut: true }, 'killed', 'longer than allowed'],
  ['preempted', { ...fine, preempted: true, killed: true }, 'infrastructure preempted', 'taken away'],
  ['unknown', { ...noExit, unknown: true, preempted: true, oom: true }, 'infrastructure runner-lost', 'nobody knows'],
])('%s', (_name, result, end, description) => {
  const found = runEnd(result);
  expect('reason' in found ? `${found.kind} ${found.reason}` : found.kind).toBe(end);
  expect(describeRun(result)).toContain(description);
});
