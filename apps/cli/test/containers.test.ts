import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliSession, linesOf, parsed } from './cli-session.ts';

let session: CliSession;
let good: string;
let bad: string;
let hanging: string;

beforeAll(async () => {
  session = await CliSession.open();
  good = await session.submit('good', 'say', 'x');
  bad = await session.submit('bad', 'exit', '3');
  hanging = await session.submit('hang');
});
afterAll(async () => session.close());

describe('containers', () => {
  it('writes logs to the streams that they came from, or one of them to stdout', async () => {
    const uuid = await session.submit('both', 'say', 'o\n', 'moan', 'e\n');
    const { stdout, stderr } = await session.run(['containers', 'logs', uuid]);
    expect([stdout, stderr]).toEqual(['o\n', 'e\n']);
    expect((await session.run(['containers', 'logs', '--stream', 'stderr', uuid])).stdout).toBe('e\n');
    expect((await session.run(['containers', 'logs', '-f', uuid])).stdout).toBe('o\n');
  });

  it('follows events as JSON lines until Ctrl-C', async () => {
    const following = session.start(['containers', 'events', '-f', '-o', 'json', '--after', '0']);
    await following.saw('"kind":"finished"');
    following.child.kill('SIGINT');
    const { stdout, exitCode } = await following.done;
    expect([exitCode, parsed(linesOf(stdout)[0] ?? '')]).toMatchObject([130, { sequence: 1, kind: 'submitted' }]);
  });

  it('says how one ended, and how long ago', async () => {
    expect((await session.run(['containers', 'why', bad])).stdout).toMatch(/^code +finished\nended +\S+ ago$/m);
  });

  it('waits, but not for ever', async () => {
    expect((await session.run(['containers', 'wait', bad])).exitCode).toBe(1);
    const { stderr, exitCode } = await session.run(['containers', 'wait', hanging, good, '--timeout', '50ms']);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('not all containers ended in time')]);
  });

  it('cancels only when asked twice, in words or by an option', async () => {
    const uuid = await session.submit('cancelled', 'hang');
    const refused = await session.run(['containers', 'cancel', uuid]);
    expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining('add --yes')]);
    expect((await session.run(['containers', 'cancel', '--yes', '--reason', 'enough', uuid])).exitCode).toBe(0);
    expect(session.dispatcher.record(uuid).priority).toBe(0);
  });
});

describe('instances', () => {
  it('records the reason of what is done to them', async () => {
    const { stderr, exitCode } = await session.run(['instances', 'drain', 'i-1', '--reason', 'old image']);
    expect([exitCode, stderr, session.dispatcher.calls.at(-1)]).toEqual([0, 'i-1: drain\n', 'drain i-1 old image']);
    const unknown = await session.run(['instances', 'hold', 'i-9']);
    expect([unknown.exitCode, unknown.stderr]).toEqual([1, expect.stringContaining('INSTANCE_NOT_FOUND')]);
    expect((await session.run(['instances', 'kill', 'i-1'])).exitCode).toBe(2);
  });
});
