import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@drover/spec';
import { afterAll, expect, test } from 'vitest';
import { loadCheckedConfig } from './load-checked-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'drover-checked-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

async function problems(text: string, flags: Record<string, unknown> = {}): Promise<string[]> {
  try {
    await loadCheckedConfig(file('drover.yaml', text), {}, flags);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ line, column, code, path }) => `${line ?? '-'}:${column ?? '-'} ${code} ${path}`);
  }
  return [];
}

test('a configuration that is right is loaded', async () => {
  const token = file('token', 'abc\n');
  expect(await problems(`driver: { name: loopback, maxInstances: 3 }\napi: { token: 'file:${token}' }\n`)).toEqual([]);
});

test('what the schema, the driver and the secrets are found wrong with comes at once, in the order of the file', async () => {
  const empty = file('empty', '\n');
  const text = `ssh: { privateKey: env:NOT_SET }
driver: { name: loopback, maxInstancs: 3, bootDelayMs: soon }
pool: { timeoutIdle: 5 }
api: { token: 'file:${empty}' }
`;
  expect(await problems(text)).toEqual([
    '1:20 CONFIG_UNREADABLE ssh.privateKey',
    '2:27 CONFIG_UNKNOWN_KEY driver.maxInstancs',
    '2:56 CONFIG_INVALID driver.bootDelayMs',
    '3:22 CONFIG_UNIT_MISSING pool.timeoutIdle',
    '4:15 CONFIG_UNREADABLE api.token',
  ]);
});

test('a driver that there is none of is found in its place', async () => {
  expect(await problems('driver: { name: ec3 }\n')).toEqual(['1:17 CONFIG_UNKNOWN_DRIVER driver.name']);
});

test('a key that SSH cannot use is found in its place', async () => {
  const key = file('key', 'not a key\n');
  expect(await problems(`ssh: { privateKey: 'file:${key}' }\n`)).toEqual(['1:20 SSH_KEY_UNREADABLE ssh.privateKey']);
});

test('the file is not blamed for what a flag says', async () => {
  expect(await problems('api: { port: 1 }\n', { 'api.port': 70_000 })).toEqual(['-:- CONFIG_INVALID api.port']);
});
