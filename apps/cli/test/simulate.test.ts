import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { parsed } from './cli-session.ts';
import { type CliResult, runCli, startCli } from './run-cli.ts';

vi.setConfig({ testTimeout: 60_000 });

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-simulate-'));
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

async function simulate(...args: readonly string[]): Promise<CliResult> {
  return runCli(['simulate', ...args], { cwd: folder });
}

const quick = ['--set', 'containers=2', '--set', 'faults=none', '--set', 'submitOverMs=0'];
/** Nothing can end within so little time, so that an invariant is broken without a bug. */
const tooShort = [...quick, '--set', 'healAtMs=1s', '--set', 'convergeWithinMs=1s'];

it('plays a seed twice and prints plan and figures', async () => {
  const { stdout, stderr, exitCode } = await simulate('--seed', '5', ...quick);
  expect([exitCode, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^seed +5$/m);
  expect(stdout).toMatch(/^trace +[0-9a-f]{16}, twice$/m);
  expect(stdout).toContain('nothing broken');
});

it('prints JSON, and the sum of several runs', async () => {
  const { stdout } = await simulate('--seed', '5', ...quick, '-o', 'json');
  expect(parsed(stdout)).toMatchObject({
    runs: 1,
    broken: 0,
    items: [{ seed: 5, scenario: { containers: 2, faults: [] }, repeatable: true, violation: null }],
  });
  const several = await simulate('--runs', '2', '--once', ...quick);
  expect(several.stdout).toMatch(/^2 runs, \d+ events, .*\nfaults struck: none\nnothing broken\n$/);
  const lines = await simulate('--runs', '2', '--once', ...quick, '-o', 'ndjson');
  expect(lines.stdout.trimEnd().split('\n').map(parsed)).toMatchObject([{ seed: 1 }, { seed: 2 }]);
});

it('ends with 1 on a violation, shrinks it, and plays the saved plan again', async () => {
  const failing = await simulate('--seed', '5', ...tooShort, '--shrink', '--save', 'small.json', '--trace', '3');
  expect(failing.exitCode).toBe(1);
  expect(failing.stdout).toContain('breaks invariant 28');
  expect(failing.stdout).toMatch(/^0:00:0\d\.\d{3} {2}\w+/m);
  expect(failing.stderr).toContain('as small as it gets');
  const plan = await readFile(join(folder, 'small.json'), 'utf8');
  expect(parsed(plan)).toMatchObject({ breaks: { number: 28 }, scenario: { onlyContainers: [expect.any(Number)] } });
  const again = await simulate('--plan', 'small.json', '-o', 'json');
  expect([again.exitCode, parsed(again.stdout)]).toMatchObject([1, { items: [{ violation: { number: 28 } }] }]);
  const inTime = await simulate('--plan', 'small.json', '--set', 'convergeWithinMs=12h');
  expect(inTime.exitCode).toBe(0);
});

it('plants a bug of the ledger, and replays a plan with it', async () => {
  const planted = await simulate(
    '--plant',
    'deleted-before-counted',
    '--seed',
    '5',
    ...quick,
    '--save',
    'planted.json',
  );
  expect([planted.exitCode, planted.stdout]).toEqual([1, expect.stringContaining('breaks invariant 21')]);
  const again = await simulate('--plan', 'planted.json', '-o', 'json');
  expect([again.exitCode, parsed(again.stdout)]).toMatchObject([1, { items: [{ violation: { number: 21 } }] }]);
});

it.each([
  [['--set', 'containr=2'], 'did you mean containers?'],
  [['--plant', 'wrong-victm'], 'did you mean wrong-victim?'],
  [['--plan', 'nowhere.json'], 'cannot be read'],
  [['--plan', 'not-a-plan.json'], 'SIMULATION_PLAN_INVALID'],
  [['--plan', 'not-a-plan.json', '--seed', '1'], 'a plan has its seed inside'],
  [['--svg', 'x.svg'], "option '--svg' needs a trace of jobs"],
  [['jobs.swf', '--runs', '3'], "option '--runs' goes without a trace of jobs"],
])('%j ends with 2', async (args, hint) => {
  await writeFile(join(folder, 'not-a-plan.json'), '{"format": "something"}');
  const { stdout, stderr, exitCode } = await simulate(...args);
  expect([stdout, exitCode, stderr]).toEqual(['', 2, expect.stringContaining(hint)]);
});

it('prints at Ctrl-C what has been done so far', async () => {
  const running = startCli(['simulate', '--runs', '100000', '--once', '--follow', 'heals', ...quick], { cwd: folder });
  await running.saw('world heals');
  running.child.kill('SIGINT');
  const { stdout, exitCode } = await running.done;
  expect([exitCode, stdout]).toEqual([130, expect.stringMatching(/^\d+ runs, \d+ events/m)]);
});
