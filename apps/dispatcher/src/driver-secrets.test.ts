import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readDriverSecrets } from './driver-secrets.ts';

const schema = { properties: { user: { type: 'string' }, password: { type: 'string', writeOnly: true } } };

test('what is marked as a secret is read from where the reference says, and nothing else', () => {
  const folder = mkdtempSync(join(tmpdir(), 'drover-secrets-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'password');
  writeFileSync(file, 'from a file\n');
  const read = (params: Readonly<Record<string, unknown>>) => readDriverSecrets(params, schema, { PASS: 'from env' });
  expect(read({ user: 'env:PASS', password: 'env:PASS' })).toEqual({
    params: { user: 'env:PASS', password: 'from env' },
    problems: [],
  });
  expect(read({ password: `file:${file}` }).params).toEqual({ password: 'from a file' });
  expect(read({ password: 7 }), 'what is no text is for the driver to refuse').toEqual({
    params: { password: 7 },
    problems: [],
  });
});

test('a secret that is written out or cannot be read is a problem of its setting, and is never repeated', () => {
  for (const password of ['hunter2-in-the-open', 'env:MISSING', 'file:/nonexistent/password']) {
    const { problems } = readDriverSecrets({ password }, schema, {});
    expect(problems).toMatchObject([{ path: 'driver.password', fix: expect.any(String) }]);
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  }
});
