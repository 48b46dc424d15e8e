import { expect, test } from 'vitest';
import { lostRecordText, parseExitRecord } from './exit-record.ts';
import { decodeWaitStatus, resultHash, toRunResult } from './run-result.ts';

const none = { stdout: '', stderr: '' };

test.each([
  [0, { exitCode: 0 }],
  [35072, { exitCode: 137 }],
  [9, { signal: 'SIGKILL' }],
  [15, { signal: 'SIGTERM' }],
  [139, { signal: 'SIGSEGV' }],
  [64, { signal: 'SIG64' }],
])('wait status %i is %o', (status, expected) => {
  expect(decodeWaitStatus(status)).toEqual(expected);
});

test('a stored record becomes a result, logs and all', () => {
  const record = parseExitRecord('1 u.1 35072 otkpd 1000 2000 10 5 3 0 0 0 ');
  if (record === undefined) throw new Error('not read');
  expect(record).toMatchObject({ diskFull: true, unknown: false, stdout: { tailStart: 3 } });
  expect(toRunResult(record, { stdout: 'aa', stderr: '' }, undefined)).toEqual({
    exitCode: 137,
    oom: true,
    timedOut: true,
    killed: true,
    preempted: true,
    unknown: false,
    startedAtMs: 1000,
    finishedAtMs: 2000,
    logs: [
      { stream: 'stdout', sizeBytes: 10, droppedBytes: 5, sha256: 'aa' },
      { stream: 'stderr', sizeBytes: 0, droppedBytes: 0, sha256: '' },
    ],
  });
});

test('tells the memory at the peak, but not that of an engine’s client program', () => {
  const plain = parseExitRecord('2 u.1 0 OEm51200 1 2 0 0 0 0 0 0 ');
  expect(plain && toRunResult(plain, none, undefined)).toMatchObject({ oom: false, peakRamBytes: 51200 * 1024 });
  const image = parseExitRecord('2 u.1 0 cOEm51200 1 2 0 0 0 0 0 0 ');
  expect(image && toRunResult(image, none, undefined)).not.toHaveProperty('peakRamBytes');
});

test('what could not be started has its reason, spaces and all, and no exit code', () => {
  const record = parseExitRecord('1 u.1 - - 1 2 0 0 0 0 0 0 /a b: No such file');
  const result = record && toRunResult(record, none, undefined);
  expect(result).toMatchObject({ startError: '/a b: No such file', unknown: false });
  expect(result).not.toHaveProperty('exitCode');
});

test('a lost run is unknown, and its record can be read', () => {
  const record = parseExitRecord(lostRecordText('u.1', 5, 6, 'no\nroom'));
  expect(record && toRunResult(record, none, undefined)).toMatchObject({
    unknown: true,
    startedAtMs: 5,
    finishedAtMs: 6,
    startError: 'no room',
  });
});

const ended = { kind: 'container', oom: false, running: false, exitCode: 7 } as const;

test.each([
  ['an exit code is the container’s', 7 << 8, '-', ended, { exitCode: 7, unknown: false }],
  ['the engine knows of memory', 137 << 8, '-', { ...ended, oom: true }, { exitCode: 137, oom: true }],
  [
    'no container was started',
    127 << 8,
    '-',
    { kind: 'no-container' },
    { startError: expect.stringContaining('could not') },
  ],
  ['no engine', 1 << 8, '-', { kind: 'no-engine' }, { startError: expect.stringContaining('engine'), unknown: true }],
  ['125 is the engine’s own failure', 125 << 8, '-', ended, { unknown: true }],
  ['unless the container says it too', 125 << 8, '-', { ...ended, exitCode: 125 }, { exitCode: 125, unknown: false }],
  ['the client was killed, the container went on', 9, '-', { ...ended, running: true }, { unknown: true }],
  ['the client was killed when the container had ended', 9, '-', ended, { exitCode: 7, unknown: false }],
  [
    'the client was killed by us',
    9,
    'k',
    { ...ended, running: true },
    { signal: 'SIGKILL', killed: true, unknown: false },
  ],
] as const)('what an engine adds: %s', (_, status, flags, findings, expected) => {
  const record = parseExitRecord(`1 u.1 ${status} ${flags} 1 2 0 0 0 0 0 0 `);
  const result = record && toRunResult(record, none, findings);
  expect(result).toMatchObject(expected);
  expect(result && 'exitCode' in result).toBe('exitCode' in expected);
});

test('a record tells where the logs lie: in files, or one after the other behind its line', () => {
  const offsets = (flags: string): unknown => {
    const record = parseExitRecord(`2 u.1 0 ${flags} 1 2 5 0 0 3 0 0 `);
    return [record?.stdout.recordOffset, record?.stderr.recordOffset, record?.cleanedUp];
  };
  expect(offsets('-')).toEqual([undefined, undefined, false]);
  expect(offsets('O')).toEqual([0, undefined, false]);
  expect(offsets('E')).toEqual([undefined, 0, false]);
  expect(offsets('cOE')).toEqual([0, 5, true]);
});

test.each([
  '',
  '3 u.1 0 - 1 2 0 0 0 0 0 0 ',
  '1 u.1 0 - 1 2 0 0',
  '1 u.1 x - 1 2 0 0 0 0 0 0 ',
  '1 u.1 0 - a 2 0 0 0 0 0 0 ',
])('no record of ours: %j', (text) => {
  expect(parseExitRecord(text)).toBeUndefined();
});

test('the hash depends on everything that is stored', () => {
  const hashes = [
    resultHash('a', none),
    resultHash('b', none),
    resultHash('a', { stdout: 'x', stderr: '' }),
    resultHash('a', { stdout: '', stderr: 'x' }),
  ];
  expect(new Set(hashes).size).toBe(4);
});
