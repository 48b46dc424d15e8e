import { ConfigError } from '@drover/spec';
import { describe, expect, it } from 'vitest';
import { readContainers } from './read-container-file.ts';

const everything = `
name: align
image: quay.io/biocontainers/bwa:0.7.17
command: [bwa, mem, ref.fa, in.fq]
env: { THREADS: "8" }
cwd: /work
resources: { vcpus: 8, ram: 16GiB, scratch: 100GiB, gpu: { stack: cuda, count: 1, vram: 24GiB } }
scheduling: { priority: 500, preemptible: prefer, supervisor: false, maxRunTime: 2h, instanceTypes: [m5*], maxPrice: 0.50 }
retry: { attempts: 3, on: [exit-code, timeout, oom] }
`;

function told(text: string, file = 'c.yaml'): readonly string[] {
  try {
    readContainers({ file, text });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(
      (p) => `${p.line}:${p.column} ${p.code} ${p.message}${p.fix === undefined ? '' : `; ${p.fix}`}`,
    );
  }
  return [];
}

describe('readContainers', () => {
  it('reads every field', () => {
    expect(readContainers({ file: 'c.yaml', text: everything })).toEqual([
      {
        name: 'align',
        image: 'quay.io/biocontainers/bwa:0.7.17',
        command: ['bwa', 'mem', 'ref.fa', 'in.fq'],
        env: { THREADS: '8' },
        cwd: '/work',
        resources: {
          vcpus: 8,
          ramBytes: 17_179_869_184,
          cacheRamBytes: 0,
          scratchBytes: [107_374_182_400],
          cacheDiskBytes: 0,
          gpu: { stack: 'cuda', count: 1, vramBytes: 25_769_803_776, hardwareTargets: [] },
        },
        scheduling: {
          priority: 500,
          preemptible: 'prefer',
          supervisor: false,
          maxRunTimeMs: 7_200_000,
          instanceTypes: ['m5*'],
          maxPricePerHour: 0.5,
        },
        retry: { attempts: 3, on: ['exit-code', 'timeout', 'oom'] },
      },
    ]);
  });

  it('fills in what is left out', () => {
    expect(readContainers({ file: 'c', text: 'command: ["true"]' })).toEqual([
      {
        command: ['true'],
        env: {},
        resources: { vcpus: 1, ramBytes: 268_435_456, cacheRamBytes: 0, scratchBytes: [], cacheDiskBytes: 0 },
        scheduling: { priority: 500, preemptible: false, supervisor: false },
        retry: { attempts: 1, on: ['exit-code', 'timeout', 'oom'] },
      },
    ]);
  });

  it.each([
    ['documents', 'c.yaml', 'command: [a]\n---\ncommand: [b]\n'],
    ['a list', 'c.yaml', '- command: [a]\n- command: [b]\n'],
    ['JSON lines', 'c.jsonl', '{"command":["a"]}\n\n{"command":["b"]}\n'],
    ['JSON lines from standard input', '-', '{"command":["a"]}\n{"command":["b"]}'],
    ['a JSON list', 'c.json', '[{"command":["a"]},\n{"command":["b"]}]'],
  ])('reads many: %s', (_name, file, text) => {
    expect(readContainers({ file, text }).map((spec) => spec.command)).toEqual([['a'], ['b']]);
  });

  it('reads one JSON object over many lines', () => {
    expect(readContainers({ file: '-', text: '{\n  "command": ["a"]\n}\n' })).toHaveLength(1);
  });

  it.each([
    ['no command', 'name: a', '1:1 CONTAINER_INVALID "command" is required'],
    [
      'an empty command',
      'command: []',
      '1:10 CONTAINER_INVALID "command" must name a program, e.g. [sh, -c, "echo hello"]',
    ],
    ['an empty program', 'command: [""]', '1:10 CONTAINER_INVALID "command" begins with an empty program name'],
    ['a shell string', 'command: echo hi', '1:10 CONFIG_WRONG_TYPE "command" must be a list, not text'],
    [
      'NUL in the command',
      'command: [a, "b\\0"]',
      '1:14 CONTAINER_INVALID "command[1]" must not contain a NUL character',
    ],
    [
      'NUL in the environment',
      'command: [a]\nenv: { A: "\\0" }',
      '2:11 CONTAINER_INVALID "env.A" must not contain a NUL character',
    ],
    ['half a character', '{"command": ["\\ud800"]}', '1:14 CONTAINER_INVALID "command[0]" is not valid Unicode'],
    [
      'a bad variable name',
      'command: [a]\nenv: { "A=B": "" }',
      '2:6 CONTAINER_INVALID "env" has a name that is empty or holds "="',
    ],
    [
      'a number in the environment',
      'command: [a]\nenv: { A: 8 }',
      '2:11 CONFIG_WRONG_TYPE "env.A" must be text, not a number; put it in quotes: "8"',
    ],
    [
      'a relative folder',
      'command: [a]\ncwd: work',
      '2:6 CONTAINER_INVALID "cwd" must be an absolute path; begin it with "/"',
    ],
    [
      'a size without unit',
      'command: [a]\nresources: { ram: 16 }',
      '2:19 CONFIG_UNIT_MISSING resources.ram: the size "16" has no unit; write it with a unit, e.g. "16GiB" (1024-based) or "16GB" (1000-based)',
    ],
    [
      'scratch without unit',
      'command: [a]\nresources: { scratch: "16" }',
      '2:23 CONFIG_UNIT_MISSING resources.scratch: the size "16" has no unit; write it with a unit, e.g. "16GiB" (1024-based) or "16GB" (1000-based)',
    ],
    [
      'a part of a processor',
      'command: [a]\nresources: { vcpus: 0.5 }',
      '2:21 CONFIG_WRONG_TYPE "resources.vcpus" must be a whole number, not a fraction',
    ],
    [
      'negative processors',
      'command: [a]\nresources: { vcpus: -1 }',
      '2:21 CONTAINER_INVALID "resources.vcpus" must be at least 0',
    ],
    [
      'a priority too high',
      'command: [a]\nscheduling: { priority: 1001 }',
      '2:25 CONTAINER_INVALID "scheduling.priority" must be at most 1000',
    ],
    [
      'an odd priority',
      'command: [a]\nscheduling: { priority: 1.5 }',
      '2:25 CONFIG_WRONG_TYPE "scheduling.priority" must be a whole number, not a fraction',
    ],
    [
      'a duration without unit',
      'command: [a]\nscheduling: { maxRunTime: 7200 }',
      '2:27 CONFIG_UNIT_MISSING scheduling.maxRunTime: the duration "7200" has no unit; write it with a unit, e.g. "250ms", "30s", "1h30m" or "2d"',
    ],
    [
      'no time to run',
      'command: [a]\nscheduling: { maxRunTime: 0 }',
      '2:27 CONTAINER_INVALID "scheduling.maxRunTime" must be longer than 0',
    ],
    [
      'a bad pattern',
      'command: [a]\nscheduling: { instanceTypes: ["m5(x"] }',
      '2:31 CONTAINER_INVALID "scheduling.instanceTypes[0]" may hold letters, digits, ".", "_", "-" and "*" only',
    ],
    [
      'a price of nothing',
      'command: [a]\nscheduling: { maxPrice: 0 }',
      '2:25 CONTAINER_INVALID "scheduling.maxPrice" must be more than 0',
    ],
    [
      'an unknown retry reason',
      'command: [a]\nretry: { on: [exit_code] }',
      '2:15 CONTAINER_INVALID "retry.on[0]" must be "exit-code", "timeout" or "oom"; did you mean "exit-code"?',
    ],
    [
      'no attempts',
      'command: [a]\nretry: { attempts: 0 }',
      '2:20 CONTAINER_INVALID "retry.attempts" must be at least 1',
    ],
    [
      'an unknown GPU stack',
      'command: [a]\nresources: { gpu: { stack: metal } }',
      '2:28 CONTAINER_INVALID "resources.gpu.stack" must be "cuda" or "rocm"',
    ],
    [
      'an unknown key',
      'command: [a]\nresources: { memory: 1GiB }',
      '2:14 CONFIG_UNKNOWN_KEY unknown key "memory" in resources',
    ],
    ['a misspelt key', 'commnd: [a]', '1:1 CONFIG_UNKNOWN_KEY unknown key "commnd"; did you mean "command"?'],
  ])('refuses %s', (_name, text, problem) => expect(told(text)).toContain(problem));

  it('tells lines and columns of JSON lines', () => {
    expect(told('{"command":["a"]}\n{"command":["a"],"cwd":"x"}\n{"command":[]}\n')).toEqual([
      expect.stringMatching(/^2:24 CONTAINER_INVALID "cwd" must be an absolute path/),
      expect.stringMatching(/^3:12 CONTAINER_INVALID "command" must name a program/),
    ]);
    expect(told('{"command":["a"]}\nnope\n{"command":["a"}\n', 'c.jsonl')).toEqual([
      expect.stringMatching(/^2:\d+ CONFIG_SYNTAX this line is not JSON/),
      expect.stringMatching(/^3:16 CONFIG_SYNTAX this line is not JSON/),
    ]);
  });

  it('tells once of a number that it is far too large', () => {
    expect(told('command: [a]\nscheduling: { priority: 1e99 }')).toEqual([
      '2:25 CONTAINER_INVALID "scheduling.priority" must be at most 1000',
    ]);
  });

  it('does not call a fraction what is no number', () => {
    expect(told('command: [a]\nscheduling: { maxPrice: .nan }')).toEqual([
      '2:25 CONFIG_WRONG_TYPE "scheduling.maxPrice" must be a number',
    ]);
  });

  it('tells problems in the order of the file, whatever was looked at first', () => {
    const text = 'resorces: {}\ncommand: [a]\nscheduling: { priorty: 3, priority: 2000 }\n';
    expect(told(text).map((line) => line.split(' ', 2).join(' '))).toEqual([
      '1:1 CONFIG_UNKNOWN_KEY',
      '3:15 CONFIG_UNKNOWN_KEY',
      '3:37 CONTAINER_INVALID',
    ]);
  });

  it('tells places inside a list', () => {
    expect(told('- command: [a]\n- command: []\n')).toEqual([expect.stringMatching(/^2:12 CONTAINER_INVALID/)]);
  });

  it('refuses a text without containers', () => {
    expect(told('')).toEqual(['1:1 CONTAINER_INVALID there is no container in it']);
    expect(told('[]')).toEqual(['1:1 CONTAINER_INVALID there is no container in it']);
  });
});

describe('what the kernel takes', () => {
  const text = (command: readonly string[], env: Readonly<Record<string, string>>): string =>
    JSON.stringify({ command, env });

  it.each([
    ['an argument of 128 KiB with its terminator', ['a', 'x'.repeat(131_071)], {}],
    ['a variable of 128 KiB with its name', ['a'], { KEY: 'x'.repeat(131_067) }],
    ['2 MB in all', ['a'], Object.fromEntries(Array.from({ length: 15 }, (_, i) => [`K${i}`, 'x'.repeat(131_000)]))],
  ])('accepts %s', (_name, command, env) => expect(told(text(command, env))).toEqual([]));

  it.each([
    [
      'an argument',
      ['a', 'x'.repeat(131_072)],
      {},
      /CONTAINER_TOO_LARGE command\[1\]: 131,073 bytes; the kernel takes at most 131,072/,
    ],
    ['a variable', ['a'], { KEY: 'x'.repeat(131_068) }, /CONTAINER_TOO_LARGE env.KEY: 131,073 bytes/],
    ['characters of many bytes', ['a', 'é'.repeat(65_536)], {}, /CONTAINER_TOO_LARGE command\[1\]: 131,073 bytes/],
    [
      'all together',
      ['a'],
      Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`K${i}`, 'x'.repeat(130_000)])),
      /CONTAINER_TOO_LARGE env: command and environment take 2,080,\d+ bytes together/,
    ],
  ])('refuses too long %s', (_name, command, env, message) =>
    expect(told(text(command, env))).toEqual([expect.stringMatching(message)]),
  );
});
