import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { linesOf, parsed } from './cli-session.ts';
import { runCli } from './run-cli.ts';

/** Every step is a process of its own, and the machine may be busy. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-simulate-'));
  const jobs = Array.from({ length: 6 }, (_, i) => `${i + 1} 0 -1 600 1 -1 -1 1 -1 524288 1 1 1 -1 1 1 -1 -1`);
  await writeFile(join(folder, 'jobs.swf'), `; Version: 2.2\n${jobs.join('\n')}\n`);
  await writeFile(join(folder, 'bad.swf'), '; Version: 2.2\n1 2 3\n');
  const types = 'instanceTypes: { only: { vcpus: 1, ram: 4GiB, price: 0.1 } }';
  await writeFile(join(folder, 'one.yaml'), `${types}\npool: { maxInstances: 1 }\n`);
  await writeFile(join(folder, 'two.yaml'), `${types}\npool: { maxInstances: 2 }\n`);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const simulate = (...args: readonly string[]) => runCli(['simulate', ...args], { cwd: folder });

describe('drover simulate TRACE', () => {
  it('works with nothing but a trace, and says what it supposes', async () => {
    const { stdout, stderr, exitCode } = await simulate('jobs.swf');
    expect(exitCode).toBe(0);
    expect(linesOf(stdout)[1]).toMatch(/^defaults /);
    expect(stdout).toContain('vcpus-2');
    expect(stderr).toContain('jobs.swf: 6 jobs (swf)');
    expect(stderr).toContain('no instance types are configured');
  });

  it('compares configurations, and values of a setting', async () => {
    const files = ['-c', 'one.yaml', '-c', 'two.yaml'];
    const vary = ['--vary', 'pool.timeoutIdle=1m,30m'];
    const { stdout } = await simulate('jobs.swf', ...files, ...vary, '--svg', 'out.svg', '-o', 'json');
    const { items } = expectReports(parsed(stdout));
    expect(items.map(({ configuration }) => configuration)).toEqual([
      'one.yaml pool.timeoutIdle=1m',
      'one.yaml pool.timeoutIdle=30m',
      'two.yaml pool.timeoutIdle=1m',
      'two.yaml pool.timeoutIdle=30m',
    ]);
    const [one, oneIdle, two] = items;
    // Six times ten minutes on one VM, and on two.
    expect(one?.waits.maxMs).toBeGreaterThan(50 * 60_000);
    expect(two?.waits.maxMs).toBeLessThan(25 * 60_000);
    expect(oneIdle?.cost.total).toBeGreaterThan(one?.cost.total ?? 0);
    expect(oneIdle?.jobs).toMatchObject({ submitted: 6, completed: 6 });
    const svg = await readFile(join(folder, 'out.svg'), 'utf8');
    expect(svg).toMatch(/^<svg [^]*two\.yaml pool\.timeoutIdle=30m[^]*<\/svg>\n$/);
  });

  it.each([
    [['bad.swf'], 'bad.swf:2:1', 'TRACE_INVALID'],
    [['none.swf'], 'none.swf', 'TRACE_UNREADABLE'],
    [['jobs.swf', '--set', 'pool.maxInstance=3'], 'did you mean "maxInstances"?', 'CONFIG_UNKNOWN_KEY'],
    [['jobs.swf', '--set', 'pool.maxInstances'], 'has no value', 'CLI_USAGE'],
    [['jobs.swf', '-c', 'none.yaml'], 'none.yaml', 'CONFIG_UNREADABLE'],
  ])('%s is refused', async (args, text, code) => {
    const { stdout, stderr, exitCode } = await simulate(...args);
    expect([stdout, exitCode]).toEqual(['', 2]);
    expect(stderr).toContain(text);
    expect(stderr).toContain(code);
  });
});

interface Report {
  readonly configuration: string;
  readonly waits: { readonly maxMs: number };
  readonly cost: { readonly total: number };
  readonly jobs: unknown;
}

function expectReports(value: unknown): { readonly items: readonly Report[] } {
  expect(isReports(value)).toBe(true);
  return isReports(value) ? value : { items: [] };
}

function isReports(value: unknown): value is { readonly items: readonly Report[] } {
  return typeof value === 'object' && value !== null && 'items' in value && Array.isArray(value.items);
}
