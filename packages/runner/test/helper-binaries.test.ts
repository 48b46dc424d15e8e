import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { buildHelpers, helperFolder, sha256File } from '../native/native-build.ts';
import { helpers } from '../src/platform-helper.ts';
import { helperPath } from './test-vm.ts';

const expected = new Map(
  readFileSync(`${helperFolder}/SHA256SUMS`, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line): [string, string] => [line.slice(66), line.slice(0, 64)]),
);

test('the checked-in helpers are those in the hashes file', () => {
  expect([...expected.keys()].toSorted()).toEqual(helpers.map(({ file }) => file).toSorted());
  expect(readdirSync(helperFolder).toSorted()).toEqual(['SHA256SUMS', ...expected.keys()].toSorted());
  for (const [file, hash] of expected) expect(sha256File(`${helperFolder}/${file}`)).toBe(hash);
});

test('the helper for this machine runs', () => {
  expect(execFileSync(helperPath, ['version'], { encoding: 'utf8' })).toBe('drover-helper 1\n');
});

/** Undefined when a rebuild is possible here. */
function whyNotRebuild(): string | undefined {
  if (process.env['CI'] !== 'true') return 'the helpers are rebuilt and compared only with CI=true';
  try {
    execFileSync('python3', ['-c', 'import venv'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'there is no python3 with venv, from which the compiler comes';
  }
}

const reason = whyNotRebuild();
if (reason !== undefined) process.stderr.write(`SKIPPED: ${reason}\n`);

test.skipIf(reason !== undefined)(
  'built from their sources, the helpers are the same bytes',
  () => {
    const folder = mkdtempSync(`${tmpdir()}/drover-helpers-`);
    try {
      for (const file of buildHelpers(folder))
        expect([file, sha256File(`${folder}/${file}`)]).toEqual([file, expected.get(file)]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  // The first compile for each target takes about a minute.
  600_000,
);
