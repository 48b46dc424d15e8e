import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { ApiError } from '@drover/management-api/client';
import { ConfigError, type Problem } from '@drover/spec';
import { afterAll, afterEach, expect, it, vi } from 'vitest';
import { printError } from './print-error.ts';

const folder = mkdtempSync(join(tmpdir(), 'drover-errors-'));
const file = join(folder, 'c.yaml');
writeFileSync(file, 'command: [a]\nram: 5\n');
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

function printed(error: unknown): string {
  let text = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  printError(error);
  return stripVTControlCharacters(text);
}

const problem: Problem = { code: 'CONFIG_UNKNOWN_KEY', path: 'ram', message: 'unknown key "ram"', file, line: 2 };

it('shows the line that is meant', () => {
  expect(printed(new ConfigError([problem]))).toBe(
    `${file}:2:1  unknown key "ram"   CONFIG_UNKNOWN_KEY\n    ram: 5\n    ^\n`,
  );
});

it('reads no file that a dispatcher names, and lets nothing of its answer through to the terminal', () => {
  const problems = [problem, { ...problem, file: 'a\u0007b' }];
  const shown = printed(new ApiError('CONFIG_UNKNOWN_KEY', 'no', { status: 400, retryable: false, problems }));
  expect(shown).not.toContain('ram: 5');
  expect(shown).toContain('a\u{fffd}b:2:1  unknown key');
});

it('says in one line what has no place', () => {
  const { code, path, message } = problem;
  expect(printed(new ConfigError([{ code, path, message, fix: 'remove it' }]))).toBe(
    'error: unknown key "ram"; remove it   CONFIG_UNKNOWN_KEY\n',
  );
});

it.each([
  ['  secretAccessKey: wJalrXUtnFEMI', '    secretAccessKey: …'],
  ['  driver: { name: ec2, secretAccesKey: wJalrXUtnFEMI }', '    driver: { name: ec2, secretAccesKey: …'],
  ['  "token": "wJalrXUtnFEMI"', '    "token": …'],
  ['  secretAccessKey: env:AWS_SECRET', '    secretAccessKey: env:AWS_SECRET'],
  ['  secretAccessKey: env:A, other: wJalrXUtnFEMI', '    secretAccessKey: …'],
])('shows no secret that was written into the file: %s', (line, shown) => {
  const secretFile = join(folder, 'secret.yaml');
  writeFileSync(secretFile, `${line}\n`);
  const path = 'driver.secretAccessKey';
  const text = printed(new ConfigError([{ code: 'CONFIG_INVALID', path, message: 'no', file: secretFile, line: 1 }]));
  expect(text.split('\n')[1]?.trimEnd().trim()).toBe(shown.trim());
  expect(text).not.toContain('wJalrXUtnFEMI');
});

it.each(['    wJalrXUtnFEMI', '    MIIEpAIBAAKCAQEAwJalrXUtnFEMI', '-----BEGIN OPENSSH PRIVATE KEY-----'])(
  'shows no line that may be all secret: %s',
  (line) => {
    const secretFile = join(folder, 'block.yaml');
    writeFileSync(secretFile, `ssh:\n  privateKey: |\n${line}\n`);
    const path = 'ssh.privateKey';
    const text = printed(new ConfigError([{ code: 'CONFIG_INVALID', path, message: 'no', file: secretFile, line: 3 }]));
    expect(text).toBe(`${secretFile}:3:1  no   CONFIG_INVALID\n`);
  },
);
