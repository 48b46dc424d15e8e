import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliSession } from './cli-session.ts';

let session: CliSession;

beforeAll(async () => {
  session = await CliSession.open();
});
afterAll(async () => session.close());

describe('run', () => {
  it('passes streams and the exit code through', async () => {
    const { stdout, stderr, exitCode } = await session.run([
      'run',
      '-q',
      '--',
      'say',
      'out\n',
      'moan',
      'err\n',
      'exit',
      '7',
    ]);
    expect([stdout, stderr, exitCode]).toEqual(['out\n', 'err\n', 7]);
  });

  it('shows the log of a container that ended before anybody could tell of its start', async () => {
    const { stdout, exitCode } = await session.run(['run', '-q', '--', 'abruptly', 'say', 'out\n', 'exit', '7']);
    expect([stdout, exitCode]).toEqual(['out\n', 7]);
  });

  it('ends with 128 plus the signal that ended the container', async () => {
    const { stderr, exitCode } = await session.run(['run', 'die', 'SIGKILL']);
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
    const { stdout } = await session.run(['run', '-d', ...options, ...more, '--', 'say', '-x'], {
      env: { ...session.env, FROM_HERE: 'yes' },
    });
    expect(session.dispatcher.record(stdout.trim()).spec).toMatchObject({
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
    const before = (await session.run(['containers', 'list', '-o', 'name'])).stdout;
    const { stdout, stderr, exitCode } = await session.run(['run', '--vcpus', '9', '--', 'true']);
    expect([stdout, exitCode]).toEqual(['', 3]);
    expect(stderr).toContain('small: needs 9 vcpus, has 2');
    expect(stderr).toContain('CONTAINER_UNSATISFIABLE');
    expect((await session.run(['containers', 'list', '-o', 'name'])).stdout).toBe(before);
  });

  it('detaches at the first Ctrl-C and says how to come back', async () => {
    const running = session.start(['run', '--', 'say', 'begun\n', 'hang']);
    await running.saw('begun');
    running.child.kill('SIGINT');
    const { stderr, exitCode } = await running.done;
    const uuid = /submitted (\S+)/.exec(stderr)?.[1] ?? '';
    expect(exitCode).toBe(130);
    expect(stderr).toContain(`detached; ${uuid} goes on`);
    expect(stderr).toContain(`drover containers logs -f ${uuid}`);
    expect(session.dispatcher.state(uuid)).toBe('Running');
  });

  it('ends with 125 when drover itself fails', async () => {
    const { stderr, exitCode } = await session.run(['run', '--', 'true'], {
      env: { DROVER_URL: 'http://127.0.0.1:1' },
    });
    expect([exitCode, stderr]).toEqual([125, expect.stringContaining('API_UNREACHABLE')]);
  });

  it('ends with 2 for a container that is not valid', async () => {
    const { stderr, exitCode } = await session.run(['run', '--ram', '16', '--', 'true']);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('CONFIG_UNIT_MISSING')]);
  });
});
