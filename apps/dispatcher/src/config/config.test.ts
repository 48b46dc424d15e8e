import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@drover/spec';
import { afterAll, expect, test } from 'vitest';
import type { ConfigFile } from './config-schema.ts';
import { mergeConfig } from './config-sources.ts';
import { configuredInstanceTypes } from './instance-types.ts';
import { loadConfig } from './load-config.ts';
import { poolSettings } from './pool-settings.ts';
import { readSecret } from './secret-reference.ts';

const folder = mkdtempSync(join(tmpdir(), 'drover-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

function read(text: string, env: Record<string, string> = {}, flags: Record<string, unknown> = {}): ConfigFile {
  return mergeConfig({ file: { path: 'drover.yaml', text }, env, flags });
}

function problems(run: () => unknown): string[] {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) {
      return error.problems.map(
        (p) => `${p.line ?? '-'}:${p.column ?? '-'} ${p.code} ${p.message}${p.fix === undefined ? '' : ` | ${p.fix}`}`,
      );
    }
    throw error;
  }
  return [];
}

test('an empty configuration is whole: loopback, sqlite, loopback address', () => {
  const config = read('');
  expect(config).toMatchObject({
    driver: { name: 'loopback' },
    queue: { name: 'sqlite' },
    api: { host: '127.0.0.1', port: 8787 },
  });
});

test('units are read, and the driver keeps its own keys', () => {
  const config = read(`
driver: { name: loopback, bootDelayMs: 5 }
pool: { timeoutIdle: 1m30s, maxInstances: 3 }
instanceTypes: { small: { vcpus: 2, ram: 4GiB, price: 0.1, includedScratch: 10GB } }
`);
  expect(config.pool).toMatchObject({ timeoutIdle: 90_000, maxInstances: 3 });
  expect(config.instanceTypes?.['small']).toMatchObject({ ram: 4 * 2 ** 30, includedScratch: 10_000_000_000 });
  expect(config.driver).toEqual({ name: 'loopback', bootDelayMs: 5 });
});

test('all problems come at once, each with its place and a suggestion', () => {
  expect(
    problems(() => read('pool:\n  maxInstance: 3\n  timeoutIdle: 30\napi: { port: high }\ncluster: toolong\n')),
  ).toEqual([
    expect.stringMatching(/^2:3 CONFIG_UNKNOWN_KEY unknown key "maxInstance" in pool \| did you mean "maxInstances"/),
    expect.stringMatching(/^3:16 CONFIG_UNIT_MISSING pool\.timeoutIdle: the duration "30" has no unit/),
    expect.stringMatching(/^4:14 CONFIG_WRONG_TYPE "api\.port" must be a number, not text/),
    expect.stringMatching(/^5:10 CONFIG_INVALID cluster: /),
  ]);
});

test('flags win over the environment, the environment over the file', () => {
  const text = 'pool: { maxInstances: 1 }\napi: { port: 1 }\nlogs: { level: warn }\n';
  const env = { DROVER__POOL__MAX_INSTANCES: '2', DROVER__API__PORT: '2', OTHER: 'x' };
  const config = read(text, env, { 'api.port': 3 });
  expect([config.logs.level, config.pool.maxInstances, config.api.port]).toEqual(['warn', 2, 3]);
});

test('a wrong value from the environment names the variable, not a line', () => {
  expect(problems(() => read('{}', { DROVER__POOL__TIMEOUT_IDLE: '30' }))).toEqual([
    expect.stringMatching(/^-:- CONFIG_UNIT_MISSING .*\(from DROVER__POOL__TIMEOUT_IDLE\)/),
  ]);
});

test.each([
  ['a: [', 'CONFIG_SYNTAX'],
  ['- a', 'CONFIG_WRONG_TYPE'],
  ['a: 1\n---\nb: 1', 'CONFIG_SYNTAX'],
])('%j is refused', (text, code) => {
  expect(problems(() => read(text)).join()).toContain(code);
});

test('a file that cannot be read says which and why', () => {
  expect(problems(() => loadConfig(join(folder, 'absent.yaml'), {})).join()).toMatch(
    /CONFIG_UNREADABLE .*absent\.yaml.*ENOENT/,
  );
});

test('secrets come by reference only, and no message repeats them', () => {
  writeFileSync(join(folder, 'token'), 'from-file\n');
  expect(readSecret('api.token', `file:${join(folder, 'token')}`, {})).toBe('from-file');
  expect(readSecret('api.token', 'env:TOKEN', { TOKEN: 'from-env' })).toBe('from-env');
  for (const reference of ['literal-secret', 'env:ABSENT', 'file:/does/not/exist']) {
    expect(() => readSecret('api.token', reference, {})).toThrow(/api\.token/);
  }
  expect(() => readSecret('api.token', 'literal-secret', {})).not.toThrow(/literal-secret/);
});

test('a preemptible price factor adds a spot twin unless the name is taken', () => {
  const config = read(`
instanceTypes:
  a: { vcpus: 1, ram: 1GiB, price: 1 }
  b: { vcpus: 1, ram: 1GiB, price: 2 }
  b.preemptible: { vcpus: 1, ram: 1GiB, price: 9, preemptible: true }
`);
  const types = configuredInstanceTypes(config.instanceTypes ?? {}, 0.25);
  expect(types.map((type) => [type.name, type.pricePerHour, type.preemptible, type.providerType])).toEqual([
    ['a', 1, false, 'a'],
    ['b', 2, false, 'b'],
    ['b.preemptible', 9, true, 'b.preemptible'],
    ['a.preemptible', 0.25, true, 'a'],
  ]);
});

test.each([
  ['{}', 4],
  ['driver: { name: loopback, maxInstances: 9 }', 9],
  ['driver: { name: loopback, maxInstances: 9 }\npool: { maxInstances: 2 }', 2],
  ['driver: { name: other }', undefined],
])('%s asks for at most %s VMs', (text, expected) => {
  expect(poolSettings(read(text)).maxInstances).toBe(expected);
});
