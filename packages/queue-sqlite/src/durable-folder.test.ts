import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder } from './durable-folder.ts';

test('all folders on the way are made, for their owner alone; those that exist are left alone', () => {
  const top = mkdtempSync(join(tmpdir(), 'drover-folder-'));
  try {
    makeFolder(join(top, 'a', 'b'));
    makeFolder(join(top, 'a', 'b'));
    for (const path of ['a', 'a/b']) expect(statSync(join(top, path)).mode & 0o777).toBe(0o700);
  } finally {
    rmSync(top, { recursive: true, force: true });
  }
});
