import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CliSession, linesOf, parsed } from './cli-session.ts';

let session: CliSession;

beforeAll(async () => {
  session = await CliSession.open();
});
afterAll(async () => session.close());

describe('submit', () => {
  it('takes a file, waits, and says in the exit code whether all went well', async () => {
    await writeFile(
      join(session.folder, 'two.yaml'),
      'name: a\ncommand: [say, x]\n---\nname: b\ncommand: [exit, "4"]\n',
    );
    const { stdout, stderr, exitCode } = await session.run(['submit', 'two.yaml', '--wait']);
    expect([exitCode, stderr]).toEqual([1, 'submitted 2 containers\n']);
    expect(stdout).toMatch(
      /^UUID +NAME +STATE +RUN TIME +OUTCOME\n\S+ +a +Complete +1.5s +exit 0\n\S+ +b +Complete +1.5s +exit 4\n$/,
    );
  });

  it('takes JSON lines from standard input', async () => {
    const input = '{"command":["say","x"]}\n{"command":["say","y"]}\n';
    const { stdout, exitCode } = await session.run(['submit', '-', '-o', 'name'], { input });
    expect([exitCode, linesOf(stdout).length]).toEqual([0, 2]);
  });

  it('shows every problem with its line and what is meant, and submits nothing', async () => {
    await writeFile(join(session.folder, 'bad.yaml'), 'name: a\ncomand: [a]\nresources: { ram: 16 }\n');
    const { stdout, stderr, exitCode } = await session.run(['submit', 'bad.yaml']);
    expect([stdout, exitCode]).toEqual(['', 2]);
    expect(stderr).toContain('bad.yaml:2:1  unknown key "comand"; did you mean "command"?   CONFIG_UNKNOWN_KEY');
    expect(stderr).toContain('    comand: [a]\n    ^\n');
    expect(stderr).toContain('bad.yaml:3:19  resources.ram: the size "16" has no unit');
  });

  it('says that a file is not there', async () => {
    const { stderr, exitCode } = await session.run(['submit', 'nothing.yaml']);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('CONFIG_UNREADABLE')]);
  });
});

describe('types explain', () => {
  it('says which fit, and ends with 3 when none does', async () => {
    await writeFile(join(session.folder, 'fits.yaml'), 'command: [a]');
    await writeFile(join(session.folder, 'large.yaml'), 'command: [a]\nresources: { vcpus: 9 }');
    expect((await session.run(['types', 'explain', 'fits.yaml', '-o', 'name'])).stdout).toBe('small\n');
    const { stdout, exitCode } = await session.run(['types', 'explain', 'large.yaml', '-o', 'json']);
    expect([exitCode, parsed(stdout)]).toMatchObject([3, { eligibleTypes: [], rejections: [{ constraint: 'vcpus' }] }]);
  });
});

describe('config check', () => {
  it('tells every problem in its place', async () => {
    await writeFile(
      join(session.folder, 'drover.yaml'),
      'driver: { name: loopback }\npool: { maxInstance: 3, timeoutIdle: 60 }\n',
    );
    const { stdout, stderr, exitCode } = await session.run(['config', 'check', '-c', 'drover.yaml']);
    expect([stdout, exitCode]).toEqual(['', 2]);
    expect(stderr).toContain('drover.yaml:2:9  unknown key "maxInstance" in pool; did you mean "maxInstances"?');
    expect(stderr).toContain('CONFIG_UNIT_MISSING');
    const json = await session.run(['config', 'check', '-c', 'drover.yaml', '-o', 'json']);
    expect([json.exitCode, parsed(json.stdout)]).toMatchObject([2, { valid: false, problems: [{}, {}] }]);
  });

  it('says that all is well', async () => {
    await writeFile(join(session.folder, 'good.yaml'), 'driver: { name: loopback }\n');
    const { stdout, stderr, exitCode } = await session.run(['config', 'check', '-c', 'good.yaml', '-o', 'json']);
    expect([exitCode, stderr, parsed(stdout)]).toEqual([0, '', { valid: true, problems: [] }]);
    expect((await session.run(['config', 'check', '-c', 'good.yaml'])).stderr).toBe('good.yaml: no problems\n');
  });

  it('takes the drover.yaml of this folder when none is named, and asks the driver too', async () => {
    const folder = join(session.folder, 'with-config');
    await mkdir(folder);
    await writeFile(join(folder, 'drover.yaml'), 'driver: { name: loopback, maxInstancs: 1 }\n');
    const { stderr, exitCode } = await session.run(['config', 'check'], { cwd: folder });
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('drover.yaml:1:27  unknown key "maxInstancs"')]);
    const up = await session.run(['up'], { cwd: folder });
    expect([up.exitCode, up.stderr]).toEqual([2, stderr]);
  });
});
