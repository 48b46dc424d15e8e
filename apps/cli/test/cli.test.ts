import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DispatcherDouble, token } from './dispatcher-double.ts';
import { type CliOptions, type CliProcess, type CliResult, runCli, startCli } from './run-cli.ts';

const dispatcher = new DispatcherDouble();
let folder: string;
/** Containers that ended well, with a failure, and not at all. */
let good: string;
let bad: string;
let hanging: string;

const env = (): Record<string, string> => ({ DROVER_URL: dispatcher.url, DROVER_TOKEN: token });
const cli = async (args: readonly string[], options: CliOptions = {}): Promise<CliResult> =>
  runCli(args, { env: env(), cwd: folder, ...options });
const start = (args: readonly string[]): CliProcess => startCli(args, { env: env(), cwd: folder });

async function detached(...command: readonly string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await cli(['run', '-d', '--name', command[0] ?? '', '--', ...command]);
  expect([exitCode, stderr]).toEqual([0, '']);
  return stdout.trim();
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-cli-'));
  await dispatcher.start();
  [good, bad, hanging] = [
    await detached('good', 'say', 'hello\nworld\n'),
    await detached('bad', 'exit', '3'),
    await detached('hang'),
  ];
}, 30_000);
afterAll(async () => {
  await dispatcher.stop();
  await rm(folder, { recursive: true, force: true });
});

function parsed(text: string): unknown {
  return JSON.parse(text);
}

const lines = (text: string): readonly string[] => text.trimEnd().split('\n');

describe('JSON of every command that reads', () => {
  const cases = (): readonly (readonly [string, readonly string[], unknown])[] => [
    ['containers list', ['containers', 'list', '--state', 'Running'], { items: [{ uuid: hanging, state: 'Running' }] }],
    ['containers show', ['containers', 'show', good], { uuid: good, state: 'Complete', spec: { name: 'good' } }],
    ['containers why', ['containers', 'why', bad], { code: 'finished', sentence: 'it ended with exit code 3' }],
    [
      'containers events',
      ['containers', 'events', good],
      { items: [{ kind: 'submitted' }, {}, {}, { kind: 'finished' }] },
    ],
    ['containers logs', ['containers', 'logs', good], { stream: 'stdout', text: 'hello\nworld\n' }],
    ['containers wait', ['containers', 'wait', good], { items: [{ uuid: good, state: 'Complete' }] }],
    ['containers priority', ['containers', 'priority', hanging, '7'], { uuid: hanging, priority: 7 }],
    ['instances list', ['instances', 'list'], { items: [{ instanceId: 'i-1', state: 'idle' }] }],
    ['instances show', ['instances', 'show', 'i-1'], { instanceId: 'i-1', pricePerHour: 0.25 }],
    ['instances hold', ['instances', 'hold', 'i-1'], { items: [{ instanceId: 'i-1', action: 'hold' }] }],
    ['instances drain', ['instances', 'drain', 'i-1'], { items: [{ instanceId: 'i-1', action: 'drain' }] }],
    ['instances run', ['instances', 'run', 'i-1'], { items: [{ instanceId: 'i-1', action: 'run' }] }],
    ['instances kill', ['instances', 'kill', '--yes', 'i-1'], { items: [{ instanceId: 'i-1', action: 'kill' }] }],
    ['types list', ['types', 'list'], { items: [{ name: 'small', vcpus: 2 }] }],
    ['status', ['status'], { version: '1.2.3', instances: { total: 1 } }],
    ['explain', ['explain', 'QUEUE_DISK_FULL'], { code: 'QUEUE_DISK_FULL', meaning: expect.any(String) }],
    ['version', ['version'], { version: '0.1.0' }],
    ['run', ['run', '--', 'say', 'x'], { state: 'Complete', result: { exitCode: 0 } }],
    ['run --detach', ['run', '-d', '--', 'say', 'x'], { uuid: expect.stringMatching(/^drovr-dz642-/) }],
  ];

  it('is one document on stdout', async () => {
    for (const [name, args, expected] of cases()) {
      const { stdout, exitCode } = await cli([
        ...args.slice(0, args[0] === 'run' ? 1 : 2),
        '-o',
        'json',
        ...args.slice(args[0] === 'run' ? 1 : 2),
      ]);
      expect([name, exitCode, parsed(stdout)]).toMatchObject([name, 0, expected]);
    }
  }, 60_000);

  it('is one line per item as ndjson, and one word per item as name', async () => {
    const ndjson = lines((await cli(['containers', 'list', '-o', 'ndjson', '--limit', '2'])).stdout);
    expect(ndjson.map(parsed)).toMatchObject([{ uuid: expect.any(String) }, { uuid: expect.any(String) }]);
    expect((await cli(['instances', 'list', '-o', 'name'])).stdout).toBe('i-1\n');
    expect((await cli(['containers', 'list', '-o', 'name', '--state', 'Running'])).stdout).toBe(`${hanging}\n`);
  }, 20_000);
});

describe('tables', () => {
  it('are aligned, without colours where there is no terminal', async () => {
    const { stdout } = await cli(['types', 'list']);
    expect(lines(stdout)).toEqual([
      'NAME   VCPUS   RAM  SCRATCH  GPU   $/H  SPOT  PROVIDER TYPE',
      'small      2  4GiB    10GiB  -    0.25  no    vm.small',
    ]);
  });

  it('show more when wide', async () => {
    expect((await cli(['instances', 'list'])).stdout).not.toContain('10.0.0.1');
    expect((await cli(['instances', 'list', '-o', 'wide'])).stdout).toContain('10.0.0.1');
  });

  it('show a container with its attempts', async () => {
    const { stdout } = await cli(['containers', 'show', bad]);
    expect(stdout).toMatch(/^state +Complete$/m);
    expect(stdout).toMatch(/^outcome +exit 3$/m);
    expect(stdout).toMatch(/^ +1 {2}i-1 +small .* exit 3$/m);
  });
});

describe('run', () => {
  it('passes streams and the exit code through', async () => {
    const { stdout, stderr, exitCode } = await cli(['run', '-q', '--', 'say', 'out\n', 'moan', 'err\n', 'exit', '7']);
    expect([stdout, stderr, exitCode]).toEqual(['out\n', 'err\n', 7]);
  });

  it('ends with 128 plus the signal that ended the container', async () => {
    const { stderr, exitCode } = await cli(['run', 'die', 'SIGKILL']);
    expect(exitCode).toBe(137);
    expect(stderr).toMatch(/^drover: submitted drovr-.*\ndrover: ended by SIGKILL\n$/);
  });

  it('takes what a container file takes', async () => {
    const options = [
      '--vcpus',
      '2',
      '--ram',
      '1GiB',
      '--image',
      'a/b:1',
      '-e',
      'A=1=2',
      '-e',
      'FROM_HERE',
      '--cwd',
      '/tmp',
    ];
    const more = [
      '--priority',
      '9',
      '--preemptible',
      'prefer',
      '--max-run-time',
      '2h',
      '--type',
      'm5*',
      '--type',
      'c5',
      '--attempts',
      '2',
    ];
    const { stdout } = await cli(['run', '-d', ...options, ...more, '--', 'say', '-x'], {
      env: { ...env(), FROM_HERE: 'yes' },
    });
    expect(dispatcher.record(stdout.trim()).spec).toMatchObject({
      image: 'a/b:1',
      command: ['say', '-x'],
      env: { A: '1=2', FROM_HERE: 'yes' },
      cwd: '/tmp',
      resources: { vcpus: 2, ramBytes: 1_073_741_824 },
      scheduling: { priority: 9, preemptible: 'prefer', maxRunTimeMs: 7_200_000, instanceTypes: ['m5*', 'c5'] },
      retry: { attempts: 2 },
    });
  });

  it('ends with 3 when nothing could ever run it, and submits nothing', async () => {
    const before = (await cli(['containers', 'list', '-o', 'name'])).stdout;
    const { stdout, stderr, exitCode } = await cli(['run', '--vcpus', '9', '--', 'true']);
    expect([stdout, exitCode]).toEqual(['', 3]);
    expect(stderr).toContain('small: needs 9 vcpus, has 2');
    expect(stderr).toContain('CONTAINER_UNSATISFIABLE');
    expect((await cli(['containers', 'list', '-o', 'name'])).stdout).toBe(before);
  });

  it('detaches at the first Ctrl-C and says how to come back', async () => {
    const running = start(['run', '--', 'say', 'begun\n', 'hang']);
    await running.saw('begun');
    running.child.kill('SIGINT');
    const { stderr, exitCode } = await running.done;
    const uuid = /submitted (\S+)/.exec(stderr)?.[1] ?? '';
    expect(exitCode).toBe(130);
    expect(stderr).toContain(`detached; ${uuid} goes on`);
    expect(stderr).toContain(`drover containers logs -f ${uuid}`);
    expect(dispatcher.state(uuid)).toBe('Running');
  });

  it('ends with 125 when drover itself fails', async () => {
    const { stderr, exitCode } = await cli(['run', '--', 'true'], { env: { DROVER_URL: 'http://127.0.0.1:1' } });
    expect([exitCode, stderr]).toEqual([125, expect.stringContaining('API_UNREACHABLE')]);
  });

  it('ends with 2 for a container that is not valid', async () => {
    const { stderr, exitCode } = await cli(['run', '--ram', '16', '--', 'true']);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('CONFIG_UNIT_MISSING')]);
  });
});

describe('submit', () => {
  it('takes a file, waits, and says in the exit code whether all went well', async () => {
    await writeFile(join(folder, 'two.yaml'), 'name: a\ncommand: [say, x]\n---\nname: b\ncommand: [exit, "4"]\n');
    const { stdout, stderr, exitCode } = await cli(['submit', 'two.yaml', '--wait']);
    expect([exitCode, stderr]).toEqual([1, 'submitted 2 containers\n']);
    expect(stdout).toMatch(
      /^UUID +NAME +STATE +RUN TIME +OUTCOME\n\S+ +a +Complete +1.5s +exit 0\n\S+ +b +Complete +1.5s +exit 4\n$/,
    );
  });

  it('takes JSON lines from standard input', async () => {
    const input = '{"command":["say","x"]}\n{"command":["say","y"]}\n';
    const { stdout, exitCode } = await cli(['submit', '-', '-o', 'name'], { input });
    expect([exitCode, lines(stdout).length]).toEqual([0, 2]);
  });

  it('shows every problem with its line and what is meant, and submits nothing', async () => {
    await writeFile(join(folder, 'bad.yaml'), 'name: a\ncomand: [a]\nresources: { ram: 16 }\n');
    const { stdout, stderr, exitCode } = await cli(['submit', 'bad.yaml']);
    expect([stdout, exitCode]).toEqual(['', 2]);
    expect(stderr).toContain('bad.yaml:2:1  unknown key "comand"; did you mean "command"?   CONFIG_UNKNOWN_KEY');
    expect(stderr).toContain('    comand: [a]\n    ^\n');
    expect(stderr).toContain('bad.yaml:3:19  resources.ram: the size "16" has no unit');
  });

  it('says that a file is not there', async () => {
    const { stderr, exitCode } = await cli(['submit', 'nothing.yaml']);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('CONFIG_UNREADABLE')]);
  });
});

describe('containers', () => {
  it('writes logs to the streams that they came from, or one of them to stdout', async () => {
    const uuid = await detached('both', 'say', 'o\n', 'moan', 'e\n');
    const { stdout, stderr } = await cli(['containers', 'logs', uuid]);
    expect([stdout, stderr]).toEqual(['o\n', 'e\n']);
    expect((await cli(['containers', 'logs', '--stream', 'stderr', uuid])).stdout).toBe('e\n');
    expect((await cli(['containers', 'logs', '-f', uuid])).stdout).toBe('o\n');
  });

  it('follows events as JSON lines until Ctrl-C', async () => {
    const following = start(['containers', 'events', '-f', '-o', 'json', '--after', '0']);
    await following.saw('"kind":"finished"');
    following.child.kill('SIGINT');
    const { stdout, exitCode } = await following.done;
    expect([exitCode, parsed(lines(stdout)[0] ?? '')]).toMatchObject([130, { sequence: 1, kind: 'submitted' }]);
  });

  it('waits, but not for ever', async () => {
    expect((await cli(['containers', 'wait', bad])).exitCode).toBe(1);
    const { stderr, exitCode } = await cli(['containers', 'wait', hanging, good, '--timeout', '50ms']);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('not all containers ended in time')]);
  });

  it('cancels only when asked twice, in words or by an option', async () => {
    const uuid = await detached('cancelled', 'hang');
    const refused = await cli(['containers', 'cancel', uuid]);
    expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining('add --yes')]);
    expect((await cli(['containers', 'cancel', '--yes', '--reason', 'enough', uuid])).exitCode).toBe(0);
    expect(dispatcher.record(uuid).priority).toBe(0);
  });
});

describe('instances', () => {
  it('records the reason of what is done to them', async () => {
    const { stderr, exitCode } = await cli(['instances', 'drain', 'i-1', '--reason', 'old image']);
    expect([exitCode, stderr, dispatcher.calls.at(-1)]).toEqual([0, 'i-1: drain\n', 'drain i-1 old image']);
    const unknown = await cli(['instances', 'hold', 'i-9']);
    expect([unknown.exitCode, unknown.stderr]).toEqual([1, expect.stringContaining('INSTANCE_NOT_FOUND')]);
    expect((await cli(['instances', 'kill', 'i-1'])).exitCode).toBe(2);
  });
});

describe('types explain', () => {
  it('says which fit, and ends with 3 when none does', async () => {
    await writeFile(join(folder, 'fits.yaml'), 'command: [a]');
    await writeFile(join(folder, 'large.yaml'), 'command: [a]\nresources: { vcpus: 9 }');
    expect((await cli(['types', 'explain', 'fits.yaml', '-o', 'name'])).stdout).toBe('small\n');
    const { stdout, exitCode } = await cli(['types', 'explain', 'large.yaml', '-o', 'json']);
    expect([exitCode, parsed(stdout)]).toMatchObject([3, { eligibleTypes: [], rejections: [{ constraint: 'vcpus' }] }]);
  });
});

describe('finding the dispatcher', () => {
  it('reads what a dispatcher in this folder wrote', async () => {
    const state = await mkdtemp(join(folder, 'state-'));
    await writeFile(join(state, 'endpoint.json'), JSON.stringify({ url: dispatcher.url, token }), { mode: 0o600 });
    expect((await cli(['status', '--state-directory', state], { env: {} })).exitCode).toBe(0);
    await writeFile(join(state, 'endpoint.json'), '{"url": 7}');
    const damaged = await cli(['status', '--state-directory', state], { env: {} });
    expect([damaged.exitCode, damaged.stderr]).toEqual([2, expect.stringContaining('endpoint.json')]);
  });

  it('takes --url, and ends with 4 without a token that is right', async () => {
    const { stderr, exitCode } = await cli(['status', '--url', dispatcher.url], { env: {} });
    expect([exitCode, stderr]).toEqual([4, expect.stringContaining('API_UNAUTHENTICATED')]);
    const wrong = await cli(['status', '--url', dispatcher.url], { env: { DROVER_TOKEN: 'wrong' } });
    expect([wrong.exitCode, wrong.stderr]).toEqual([4, expect.stringContaining('API_FORBIDDEN')]);
  });

  it('says how to start one when there is none', async () => {
    const { stdout, stderr, exitCode } = await cli(['status'], { env: { DROVER_URL: 'http://127.0.0.1:1' } });
    expect([stdout, exitCode]).toEqual(['', 1]);
    expect(stderr).toContain('start one with "drover dev"');
  });
});

describe('usage', () => {
  it.each([
    [['contaners'], 'Did you mean containers?'],
    [['containers', 'list', '-o', 'xml'], 'Allowed choices are table, wide, json, ndjson, name'],
    [['containers', 'list', '--limit', 'ten'], 'It must be a whole number'],
    [['run'], "missing required argument 'command'"],
    [['status', '--url', 'ftp://x'], 'not an http or https URL'],
    [['explain', 'QUEUE_DISK_FUL'], 'did you mean QUEUE_DISK_FULL?'],
    [['completion', 'fish'], 'write bash or zsh'],
  ])('%j ends with 2', async (args, hint) => {
    const { stdout, stderr, exitCode } = await cli(args);
    expect([stdout, exitCode, stderr]).toEqual(['', 2, expect.stringContaining(hint)]);
  });

  it('prints help on stdout and ends with 0', async () => {
    const { stdout, exitCode } = await cli(['--help']);
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('containers')]);
  });

  it('completes commands and options', async () => {
    const { stdout } = await cli(['completion', 'bash']);
    expect(stdout).toMatch(/'containers'\) words='list show why .*'/);
    expect(stdout).toMatch(/'containers list'\) words='.*--state .*'/);
  });

  it('obeys FORCE_COLOR and NO_COLOR', async () => {
    const coloured = await cli(['types', 'list'], { env: { ...env(), FORCE_COLOR: '1' } });
    expect(coloured.stdout).toContain('\u001b[1m');
    expect((await cli(['types', 'list'], { env: { ...env(), NO_COLOR: '1' } })).stdout).not.toContain('\u001b');
  });
});

describe('config check', () => {
  it('tells every problem in its place', async () => {
    await writeFile(
      join(folder, 'drover.yaml'),
      'driver: { name: loopback }\npool: { maxInstance: 3, timeoutIdle: 60 }\n',
    );
    const { stdout, stderr, exitCode } = await cli(['config', 'check', '-c', 'drover.yaml']);
    expect([stdout, exitCode]).toEqual(['', 2]);
    expect(stderr).toContain('drover.yaml:2:9  unknown key "maxInstance" in pool; did you mean "maxInstances"?');
    expect(stderr).toContain('CONFIG_UNIT_MISSING');
    const json = await cli(['config', 'check', '-c', 'drover.yaml', '-o', 'json']);
    expect([json.exitCode, parsed(json.stdout)]).toMatchObject([2, { valid: false, problems: [{}, {}] }]);
  });

  it('says that all is well', async () => {
    await writeFile(join(folder, 'good.yaml'), 'driver: { name: loopback }\n');
    const { stdout, stderr, exitCode } = await cli(['config', 'check', '-c', 'good.yaml', '-o', 'json']);
    expect([exitCode, stderr, parsed(stdout)]).toEqual([0, '', { valid: true, problems: [] }]);
    expect((await cli(['config', 'check', '-c', 'good.yaml'])).stderr).toBe('good.yaml: no problems\n');
  });
});
