import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@drover/spec';
import { afterAll, expect, test } from 'vitest';
import { StateDirectory } from './state-directory.ts';

const top = mkdtempSync(join(tmpdir(), 'drover-state-'));
afterAll(() => rmSync(top, { recursive: true }));

function folder(name: string, mode: number, files: readonly string[]): string {
  const path = join(top, name);
  mkdirSync(path);
  for (const file of files) writeFileSync(join(path, file), 'x');
  chmodSync(path, mode);
  return path;
}

function modeOf(path: string): number {
  return statSync(path).mode & 0o777;
}

test('a new folder, and files in it, are for their user alone', () => {
  const state = new StateDirectory(join(top, 'new', 'state'));
  state.writeEndpoint({ url: 'http://127.0.0.1:1', token: 'secret' });
  expect([modeOf(state.path), modeOf(state.file('endpoint.json'))]).toEqual([0o700, 0o600]);
});

test.each([
  ['an empty one is closed', 'empty', 0o777, [], 0o700],
  ['one that a dispatcher had before is closed', 'used', 0o755, ['dispatcher.lock', 'queue.db'], 0o700],
  ["somebody else's keeps its mode", 'foreign', 0o755, ['something'], 0o755],
] as const)('%s', (_what, name, before, files, after) => {
  const path = folder(name, before, files);
  expect(modeOf(new StateDirectory(path).path)).toBe(after);
});

test('one where others may write is refused', () => {
  const path = folder('open', 0o777, ['something']);
  expect(() => new StateDirectory(path)).toThrow(ConfigError);
  expect(() => new StateDirectory(path)).toThrow(/others may write there; .*chmod go-w/);
  expect(modeOf(path)).toBe(0o777);
});
