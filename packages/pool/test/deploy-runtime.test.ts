import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { gzipSync } from 'node:zlib';
import type { Command, CommandResult, Executor, RunnerDeployment, RunnerRuntime } from '@drover/spec';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { deployRunner } from '../src/deploy-runner.ts';

// A VM that is this machine: its shell does what the pool says.
const script = '#!/bin/sh\necho v20.0.0\n';
let folder: string;
let commands: Command[];
let loaded: string[];

beforeEach(() => {
  folder = mkdtempSync(`${tmpdir()}/drover it's-`);
  commands = [];
  loaded = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

function shell(command: Command): Promise<CommandResult> {
  commands.push(command);
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', command.command]);
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (bytes: Uint8Array) => (stdout += String(bytes)));
    child.stderr.on('data', (bytes: Uint8Array) => (stderr += String(bytes)));
    child.once('error', reject);
    child.once('close', (code, signal) =>
      resolve({ exitCode: code ?? undefined, signal: signal ?? undefined, stdout, stderr, truncated: false }),
    );
    child.stdin.on('error', () => undefined).end(command.stdin ?? '');
  });
}

const executor: Executor = {
  setTarget: () => undefined,
  connect: async () => 'key',
  trust: () => undefined,
  run: shell,
  open: () => Promise.reject(new Error('not used')),
  close: async () => undefined,
};

function runtime(changes: Partial<RunnerRuntime> = {}, program = script): RunnerRuntime {
  const packed = gzipSync(program);
  return {
    name: 'engine',
    description: 'Engine 20 or newer',
    checkCommand: 'no-such-engine --version',
    load: async (platform) => {
      loaded.push(platform);
      return {
        hash: 'e5',
        sizeBytes: script.length,
        pieces: async function* () {
          yield packed.subarray(0, 10);
          yield packed.subarray(10);
        },
      };
    },
    ...changes,
  };
}

const deploy = (hash: string, needed: RunnerRuntime): Promise<boolean> => {
  const runner: RunnerDeployment = {
    name: 'r',
    hash,
    files: [{ path: 'agent.mjs', mode: 0o644, bytes: new Uint8Array([1]) }],
    runtime: needed,
    deployDirectory: `${folder}/opt`,
    startCommand: () => 'start',
    listCommand: () => 'list',
    attachCommand: () => 'attach',
  };
  const { signal } = new AbortController();
  return deployRunner({ executor, runner, user: 'root', unique: `f00${hash}`, timeoutMs: 5_000, signal });
};
const names = (): readonly string[] => readdirSync(`${folder}/opt`).toSorted();

test('sends nothing to a VM that has its own', async () => {
  await deploy('a1', runtime({ checkCommand: 'true' }));
  expect(loaded).toEqual([]);
  expect(names()).toEqual(['r~a1']);
  expect(existsSync(`${folder}/opt/r~a1/engine`)).toBe(false);
});

test('sends it once, in pieces, for every version of the runner', async () => {
  expect(await deploy('a1', runtime())).toBe(true);
  expect(await deploy('a2', runtime())).toBe(true);
  expect(names()).toEqual(['engine~e5', 'r~a1', 'r~a2']);
  expect(commands.filter((command) => command.command.startsWith('cat >>'))).toHaveLength(2);
  for (const version of ['r~a1', 'r~a2']) {
    expect(readlinkSync(`${folder}/opt/${version}/engine`)).toBe('../engine~e5/engine');
    expect((await shell({ command: `'${folder.replaceAll("'", `'\\''`)}/opt/${version}/engine'` })).stdout).toBe(
      'v20.0.0\n',
    );
  }
  expect(readFileSync(`${folder}/opt/engine~e5/engine`, 'utf8')).toBe(script);
});

test.each([
  ['there is none for the platform', { load: async () => undefined }, script, /drover has none for Linux/],
  ['it does not run there', {}, '#!/bin/sh\nexit 12'.padEnd(script.length, '\n'), /does not run: exit code 12/],
  ['it did not arrive whole', {}, '#!/bin/sh\n', /arrived with 10 of/],
])('leaves nothing behind and says what is needed when %s', async (_, changes, program, message) => {
  await expect(deploy('a1', runtime(changes, program))).rejects.toMatchObject({
    code: 'RUNNER_UNAVAILABLE',
    fix: 'install Engine 20 or newer in the image',
    message: expect.stringMatching(message) as unknown,
  });
  expect(names()).toEqual([]);
});
