import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { identify, isAlive, parseLeader, parseStat } from './process-identity.ts';

const fields = Array.from({ length: 30 }, (_, index) => `${index + 4}`).join(' ');

test.each([
  { name: 'node', stat: `17 (node) S ${fields}` },
  { name: 'blanks and brackets in its name', stat: `17 (a) b (c) R) S ${fields}` },
])('a stat line: $name', ({ stat }) => {
  expect(parseStat(stat)).toEqual({ pid: 17, state: 'S', startTicks: '22' });
});

test.each(['', 'rubbish', '17 (node) S 1 2 3', 'x (node) S 1'])('not a stat line: %j', (stat) => {
  expect(parseStat(stat)).toBeUndefined();
});

test.each([
  { what: 'nothing', text: '' },
  { what: 'half', text: 'boot\n17 (sh) S' },
  { what: 'no final newline', text: `boot\n17 (sh) S ${fields}` },
])('a leader file that is not whole: $what', ({ text }) => {
  expect(parseLeader(text)).toBeUndefined();
});

test('a leader file', () => {
  expect(parseLeader(`boot\n17 (sh) S ${fields}\n`)).toEqual({ pid: 17, startTicks: '22', bootId: 'boot' });
});

test('a process is alive until it ends; a later one with its pid, or of another boot, is not it', async () => {
  const child = spawn('sleep', ['300']);
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'spawn');
  const identity = identify(child.pid ?? 0);
  if (identity === undefined) throw new Error('a running process has an identity');
  expect(isAlive(identity)).toBe(true);
  expect(isAlive({ ...identity, startTicks: '1' })).toBe(false);
  expect(isAlive({ ...identity, bootId: '00000000-0000-0000-0000-000000000000' })).toBe(false);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isAlive(identity)).toBe(false);
  expect(identify(identity.pid)).toBeUndefined();
});
