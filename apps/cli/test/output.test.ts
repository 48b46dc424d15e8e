import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliSession, linesOf, parsed } from './cli-session.ts';

let session: CliSession;
/** Containers that ended well, with a failure, and not at all. */
let good: string;
let bad: string;
let hanging: string;
let doomed: string;

beforeAll(async () => {
  session = await CliSession.open();
  good = await session.submit('good', 'say', 'hello\nworld\n');
  bad = await session.submit('bad', 'exit', '3');
  hanging = await session.submit('hang', '1');
  doomed = await session.submit('hang', '2');
  await writeFile(join(session.folder, 'one.yaml'), 'name: one\ncommand: [say, x]\n');
});
afterAll(async () => session.close());

/** The option goes before a command that takes everything after it for its own. */
function withJson(args: readonly string[]): readonly string[] {
  return args[0] === 'run' ? ['run', '-o', 'json', ...args.slice(1)] : [...args, '-o', 'json'];
}

describe('JSON of every command that reads', () => {
  const cases = (): readonly (readonly [string, readonly string[], unknown])[] => [
    [
      'containers list',
      ['containers', 'list', '--state', 'Complete', '--limit', '1', '--after', bad],
      { items: [{ uuid: good, state: 'Complete' }] },
    ],
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
    ['containers cancel', ['containers', 'cancel', '--yes', doomed], { items: [{ uuid: doomed }] }],
    ['submit', ['submit', 'one.yaml'], { items: [{ uuid: expect.any(String), name: 'one' }] }],
    ['submit --wait', ['submit', 'one.yaml', '--wait'], { items: [{ state: 'Complete', result: { exitCode: 0 } }] }],
    ['types explain', ['types', 'explain', 'one.yaml'], { eligibleTypes: ['small'], rejections: [] }],
    ['config check', ['config', 'check'], { valid: true, problems: [] }],
    ['types list', ['types', 'list'], { items: [{ name: 'small', vcpus: 2 }] }],
    ['status', ['status'], { version: '1.2.3', instances: { total: 1 } }],
    ['explain', ['explain', 'QUEUE_DISK_FULL'], { code: 'QUEUE_DISK_FULL', meaning: expect.any(String) }],
    ['version', ['version'], { version: '0.1.0' }],
    ['run', ['run', '--', 'say', 'x'], { state: 'Complete', result: { exitCode: 0 } }],
    ['run --detach', ['run', '-d', '--', 'say', 'x'], { uuid: expect.stringMatching(/^drovr-dz642-/) }],
  ];

  it('is one document on stdout', async () => {
    const results = await Promise.all(
      cases().map(async ([name, args, expected]) => ({ name, expected, ...(await session.run(withJson(args))) })),
    );
    for (const { name, expected, stdout, exitCode } of results) {
      expect([name, exitCode, parsed(stdout)]).toMatchObject([name, 0, expected]);
    }
  }, 60_000);

  it('is one line per item as ndjson, and one word per item as name', async () => {
    const ndjson = linesOf((await session.run(['containers', 'list', '-o', 'ndjson', '--limit', '2'])).stdout);
    expect(ndjson.map(parsed)).toMatchObject([{ uuid: expect.any(String) }, { uuid: expect.any(String) }]);
    expect((await session.run(['instances', 'list', '-o', 'name'])).stdout).toBe('i-1\n');
    expect((await session.run(['containers', 'list', '-o', 'name', '--limit', '1', '--after', bad])).stdout).toBe(
      `${good}\n`,
    );
  }, 20_000);
});

describe('tables', () => {
  it('are aligned, without colours where there is no terminal', async () => {
    const { stdout } = await session.run(['types', 'list']);
    expect(linesOf(stdout)).toEqual([
      'NAME   VCPUS   RAM  SCRATCH  GPU   $/H  SPOT  PROVIDER TYPE',
      'small      2  4GiB    10GiB  -    0.25  no    vm.small',
    ]);
  });

  it('show more when wide', async () => {
    expect((await session.run(['instances', 'list'])).stdout).not.toContain('10.0.0.1');
    expect((await session.run(['instances', 'list', '-o', 'wide'])).stdout).toContain('10.0.0.1');
  });

  it('show a container with its attempts', async () => {
    const { stdout } = await session.run(['containers', 'show', bad]);
    expect(stdout).toMatch(/^state +Complete$/m);
    expect(stdout).toMatch(/^outcome +exit 3$/m);
    expect(stdout).toMatch(/^ +1 {2}i-1 +small .* exit 3$/m);
  });
});
