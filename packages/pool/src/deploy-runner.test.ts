import { type Command, type CommandResult, type Executor, type RunnerDeployment } from '@drover/spec';
import { describe, expect, test } from 'vitest';
import { deployRunner } from './deploy-runner.ts';
import { asRoot, shellQuote } from './shell-quote.ts';

const ok = (stdout = ''): CommandResult => ({ exitCode: 0, signal: undefined, stdout, stderr: '', truncated: false });
const runner: RunnerDeployment = {
  name: 'r',
  hash: 'abc',
  files: [
    { path: 'agent.mjs', mode: 0o644, bytes: new Uint8Array([1]) },
    { path: 'bin/helper', mode: 0o755, bytes: new Uint8Array([2]), platform: 'Linux x86_64' },
    { path: 'bin/helper', mode: 0o755, bytes: new Uint8Array([3]), platform: 'Linux aarch64' },
  ],
  deployDirectory: '/opt/drover',
  startCommand: () => 'start',
  listCommand: () => 'list',
  attachCommand: () => 'attach',
};

/** Answers each command as told and remembers all of them. */
function setUp(answer: (command: string) => CommandResult, changes: Partial<RunnerDeployment> = {}, user = 'root') {
  const commands: Command[] = [];
  const executor: Executor = {
    setTarget: () => undefined,
    connect: async () => 'key',
    trust: () => undefined,
    run: async (command) => {
      commands.push(command);
      return answer(command.command);
    },
    open: () => Promise.reject(new Error('not used')),
    close: async () => undefined,
  };
  const { signal } = new AbortController();
  const deploying = { executor, runner: { ...runner, ...changes }, user, unique: 'f00', timeoutMs: 1_000, signal };
  return { commands, deploying };
}

describe('deploying the runner', () => {
  test('sends the files of the platform under a temporary name and renames at the end', async () => {
    const { commands, deploying } = setUp((c) => ok(c.startsWith('test -d') ? 'Linux aarch64\n' : ''));
    expect(await deployRunner(deploying)).toBe(true);
    const [look, make, agent, helper, finish] = commands;
    expect(commands).toHaveLength(5);
    expect(look?.command).toContain(`'/opt/drover/r~abc'`);
    expect(make?.command).toContain(`mkdir '/opt/drover/.r~abc.f00'`);
    expect(agent).toMatchObject({ stdin: new Uint8Array([1]) });
    expect(agent?.command).toContain('chmod 0644');
    expect(helper).toMatchObject({ stdin: new Uint8Array([3]) });
    expect(helper?.command).toContain(`cat >'/opt/drover/.r~abc.f00/bin/helper' && chmod 0755`);
    expect(finish?.command).toMatch(/^sync; .*mv '\/opt\/drover\/\.r~abc\.f00' '\/opt\/drover\/r~abc'/);
  });

  test('sends nothing when the hash is there, or when there is nothing to send', async () => {
    const there = setUp(() => ok('present\nLinux x86_64\n'));
    expect(await deployRunner(there.deploying)).toBe(false);
    expect(there.commands).toHaveLength(1);
    const brought = setUp(() => ok(), { files: [] });
    expect(await deployRunner(brought.deploying)).toBe(false);
    expect(brought.commands).toHaveLength(0);
  });

  test('takes its temporary folder away again when it fails', async () => {
    const { commands, deploying } = setUp((c) => {
      if (c.includes('cat >')) return { ...ok(), exitCode: 1, stderr: 'No space left on device' };
      return ok(c.startsWith('test -d') ? 'Linux x86_64\n' : '');
    });
    await expect(deployRunner(deploying)).rejects.toThrow('No space left on device');
    expect(commands.at(-1)?.command).toBe(`rm -rf '/opt/drover/.r~abc.f00'`);
  });

  test('says so when it has nothing for the platform', async () => {
    const { deploying } = setUp(() => ok('Linux riscv64\n'));
    await expect(deployRunner(deploying)).rejects.toMatchObject({
      code: 'RUNNER_UNAVAILABLE',
      message: 'The runner has no bin/helper for Linux riscv64.',
    });
  });

  test('goes through sudo for everybody but root', async () => {
    const { commands, deploying } = setUp(() => ok('present\n'), {}, 'admin');
    await deployRunner(deploying);
    expect(commands[0]?.command.startsWith("sudo -n sh -c '")).toBe(true);
  });
});

test.each([
  { text: 'plain', quoted: `'plain'` },
  { text: `it's`, quoted: `'it'\\''s'` },
  { text: '$(rm -rf /)', quoted: `'$(rm -rf /)'` },
])('$text is one word of a command line', ({ text, quoted }) => {
  expect(shellQuote(text)).toBe(quoted);
  expect(asRoot('root', text)).toBe(text);
});
