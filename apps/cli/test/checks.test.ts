import { readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { linesOf, parsed } from './cli-session.ts';
import { runCli, startCli } from './run-cli.ts';

vi.setConfig({ testTimeout: 60_000 });

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-checks-'));
  const config = { api: { port: 0 }, instanceTypes: { small: { vcpus: 1, ram: '1GiB', price: 0.1 } } };
  await writeFile(join(folder, 'drover.yaml'), JSON.stringify(config));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

/** A driver of somebody else's. */
const driverModule = `export const driver = { specVersion: 1, name: 'x', open: async () => ({}),
        params: { '~standard': { version: 1, vendor: 'x', validate: (value) => ({ value }) } }, paramsJsonSchema: {},
        permissions: (params, { instanceSetId }) => ({ kind: 'policy', document: { for: instanceSetId, in: params.region },
          notes: ['attach it'] }) };`;

const vitestFolder = dirname(fileURLToPath(import.meta.resolve('vitest/package.json')));

const run = (...args: readonly string[]) => runCli(args, { cwd: folder });

/** What is there beside the configuration and the compile cache. */
function left(): readonly string[] {
  return readdirSync(folder).filter((name) => name !== 'drover.yaml' && name !== 'drover');
}

describe('doctor', () => {
  it('prints a table, counts on stderr, and ends with 0', async () => {
    const { stdout, stderr, exitCode } = await run('doctor');
    const [titles = '', first = ''] = linesOf(stdout);
    expect(titles.split(/ {2,}/)).toEqual(['CHECK', 'RESULT', 'SETTING', 'WHAT']);
    expect(first).toMatch(/^config +ok +- +drover\.yaml: no problems$/);
    expect([stderr, exitCode]).toEqual([expect.stringContaining('0 failed'), 0]);
    expect(left()).toEqual([]);
  });

  it('prints JSON, and ends with 2 when the configuration is wrong', async () => {
    await writeFile(join(folder, 'bad.yaml'), 'pool: { maxInstances: many }\n');
    const { stdout, exitCode } = await run('doctor', '-c', 'bad.yaml', '-o', 'json');
    const message: unknown = expect.stringContaining('bad.yaml:1:');
    expect(parsed(stdout)).toMatchObject({ ok: false, items: [{ subject: 'config', outcome: 'failed', message }] });
    expect(exitCode).toBe(2);
  });
});

describe('cloudtest', () => {
  it('takes a VM of this machine through every step and leaves nothing', async () => {
    const { stdout, stderr, exitCode } = await run('cloudtest', '--command', 'echo it runs');
    expect(stderr).toContain('the cloud lists no VM of the test any more');
    expect(exitCode).toBe(0);
    const steps = linesOf(stdout).map((line) => line.split(/ +/)[0]);
    expect(steps).toEqual([
      'STEP',
      'create',
      'boot',
      'identity',
      'probe',
      'runner',
      'command',
      'tags',
      'destroy',
      'gone',
    ]);
    expect(stdout).toContain('it runs');
    expect(left()).toEqual([]);
  });

  it('says in JSON which step failed, and ends with 1', async () => {
    const { stdout, exitCode } = await run('cloudtest', '--all-types', '--command', 'exit 3', '-o', 'json');
    const steps: unknown = expect.arrayContaining([expect.objectContaining({ step: 'command', ok: false })]);
    expect(parsed(stdout)).toMatchObject({ ok: false, left: [], items: [{ instanceType: 'small', steps }] });
    expect([exitCode, left()]).toEqual([1, []]);
  });

  it('destroys what it has created when it is interrupted, and ends with 130', async () => {
    const test = startCli(['cloudtest', '--command', 'sleep 60'], { cwd: folder });
    await test.saw('runner');
    test.child.kill('SIGINT');
    const { stdout, stderr, exitCode } = await test.done;
    expect(stderr).toContain('interrupted: destroying what was created');
    expect(stdout).toMatch(/^gone +ok/m);
    expect([exitCode, left()]).toEqual([130, []]);
  });

  it.each([
    [['--type', 'smal'], 'did you mean small?'],
    [['--zone', 'moon'], 'there is no zone moon'],
    [['--parallel', '0'], '--parallel must be at least 1'],
    [['--pause'], '--pause needs a terminal'],
  ])('%j ends with 2 before anything is created', async (args, hint) => {
    const { stdout, stderr, exitCode } = await run('cloudtest', ...args);
    expect([stdout, exitCode, stderr]).toEqual(['', 2, expect.stringContaining(hint)]);
    expect(left()).toEqual([]);
  });
});

describe('driver', () => {
  it('list names those that come with drover', async () => {
    expect(parsed((await run('driver', 'list', '-o', 'json')).stdout)).toMatchObject({
      items: expect.arrayContaining([
        expect.objectContaining({ name: 'loopback', packageName: '@drover/driver-loopback' }),
      ]),
    });
  });

  it('explain says what the parameters are', async () => {
    const { stdout } = await run('driver', 'explain', 'loopback');
    expect(stdout).toMatch(/^maxInstances +whole number +4 +How many VMs may exist at once/m);
    expect(parsed((await run('driver', 'explain', 'loopback', '-o', 'json')).stdout)).toMatchObject({
      name: 'loopback',
      schema: { type: 'object' },
    });
  });

  it('permissions says that a driver has none, with its code', async () => {
    const { stdout, stderr, exitCode } = await run('driver', 'permissions', 'loopback');
    expect([stdout, exitCode, stderr]).toEqual(['', 1, expect.stringContaining('DRIVER_NOT_OFFERED')]);
  });

  it('permissions prints the document alone on stdout, and what to do with it on stderr', async () => {
    await writeFile(join(folder, 'cloud.mjs'), driverModule);
    const name = join(folder, 'cloud.mjs');
    const config = { instanceSetId: 'site', driver: { name, region: 'here' } };
    await writeFile(join(folder, 'cloud.json'), JSON.stringify(config));
    const { stdout, stderr, exitCode } = await run('driver', 'permissions', name, '-c', 'cloud.json');
    expect(exitCode).toBe(0);
    expect(parsed(stdout)).toEqual({ for: 'site', in: 'here' });
    expect(stderr).toContain('attach it');
    const unnamed = await run('driver', 'permissions', name);
    expect([unnamed.exitCode, unnamed.stderr]).toEqual([2, expect.stringContaining('set instanceSetId')]);
  });

  it('test runs the suite that a driver ships, and tells of each test', async () => {
    // As a driver author has it: a package of their own, tried from its folder, with vitest beside it.
    const suite = join(folder, 'suite.test.js');
    await writeFile(
      suite,
      `import { describe, expect, test } from 'vitest';
      describe('conformance of mine', () => { test('it works', () => {}); test('it adds', () => expect(1 + 1).toBe(3)); });`,
    );
    const manifest = {
      name: 'mine',
      type: 'module',
      exports: { '.': './driver.js', './conformance': './suite.test.js' },
    };
    await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
    await writeFile(join(folder, 'driver.js'), driverModule);
    await mkdir(join(folder, 'node_modules'));
    await symlink(folder, join(folder, 'node_modules/mine'));
    await symlink(vitestFolder, join(folder, 'node_modules/vitest'));
    const { stdout, stderr, exitCode } = await run('driver', 'test', 'mine', '-o', 'json');
    expect(parsed(stdout)).toMatchObject({
      ok: false,
      items: [
        { path: ['conformance of mine', 'it works'], result: 'passed', errors: [] },
        { path: ['conformance of mine', 'it adds'], result: 'failed', errors: [expect.stringContaining('expected 2')] },
      ],
    });
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('1 passed, 1 failed')]);
  });

  it('test says that a driver ships no fake, with its code', async () => {
    await writeFile(join(folder, 'cloud.mjs'), driverModule);
    const { stderr, exitCode } = await run('driver', 'test', join(folder, 'cloud.mjs'));
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('DRIVER_NOT_OFFERED')]);
  });

  it('test --live goes through one life in the cloud of the configuration and leaves nothing', async () => {
    const { stdout, stderr, exitCode } = await run('driver', 'test', 'loopback', '--live');
    expect(stdout).toMatch(/^passed +\S+ +live: two VMs come, are tagged, go, and leave nothing/m);
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('the cloud lists no VM of the test any more')]);
    expect(left()).toEqual([]);
    const other = await run('driver', 'test', 'ec2', '--live');
    expect([other.exitCode, other.stderr]).toEqual([2, expect.stringContaining('names the driver loopback')]);
  });

  it('names what is meant when there is no such driver', async () => {
    const { stderr, exitCode } = await run('driver', 'explain', 'loopbak');
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('did you mean "loopback"?')]);
  });
});
