import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CliSession } from './cli-session.ts';
import { token } from './dispatcher-double.ts';

let session: CliSession;

beforeAll(async () => {
  session = await CliSession.open();
});
afterAll(async () => session.close());

describe('finding the dispatcher', () => {
  it('reads what a dispatcher in this folder wrote', async () => {
    const state = await mkdtemp(join(session.folder, 'state-'));
    await writeFile(join(state, 'endpoint.json'), JSON.stringify({ url: session.dispatcher.url, token }), {
      mode: 0o600,
    });
    expect((await session.run(['status', '--state-directory', state], { env: {} })).exitCode).toBe(0);
    await writeFile(join(state, 'endpoint.json'), '{"url": 7}');
    const damaged = await session.run(['status', '--state-directory', state], { env: {} });
    expect([damaged.exitCode, damaged.stderr]).toEqual([2, expect.stringContaining('endpoint.json')]);
  });

  it('takes --url, and ends with 4 without a token that is right', async () => {
    const { stderr, exitCode } = await session.run(['status', '--url', session.dispatcher.url], { env: {} });
    expect([exitCode, stderr]).toEqual([4, expect.stringContaining('API_UNAUTHENTICATED')]);
    const wrong = await session.run(['status', '--url', session.dispatcher.url], { env: { DROVER_TOKEN: 'wrong' } });
    expect([wrong.exitCode, wrong.stderr]).toEqual([4, expect.stringContaining('API_FORBIDDEN')]);
  });

  it('says how to start one when there is none', async () => {
    const { stdout, stderr, exitCode } = await session.run(['status'], { env: { DROVER_URL: 'http://127.0.0.1:1' } });
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
    const { stdout, stderr, exitCode } = await session.run(args);
    expect([stdout, exitCode, stderr]).toEqual(['', 2, expect.stringContaining(hint)]);
  });

  it('prints help on stdout and ends with 0', async () => {
    const { stdout, exitCode } = await session.run(['--help']);
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('containers')]);
    expect(stdout).toContain('Exit codes: 0 ok');
    const { stdout: list } = await session.run(['containers', 'list', '--help']);
    expect(list.indexOf('--state <')).toBeLessThan(list.indexOf('Options of many commands:'));
  });

  it('prints its version', async () => {
    expect((await session.run(['--version'])).stdout).toBe('0.1.0\n');
  });

  it('completes commands and options', async () => {
    const { stdout } = await session.run(['completion', 'bash']);
    expect(stdout).toMatch(/'containers'\) words='list show why .*'/);
    expect(stdout).toMatch(/'containers list'\) words='.*--state .*'/);
  });

  it('obeys FORCE_COLOR and NO_COLOR', async () => {
    const coloured = await session.run(['types', 'list'], { env: { ...session.env, FORCE_COLOR: '1' } });
    expect(coloured.stdout).toContain('\u001b[1m');
    expect((await session.run(['types', 'list'], { env: { ...session.env, NO_COLOR: '1' } })).stdout).not.toContain(
      '\u001b',
    );
  });
});
