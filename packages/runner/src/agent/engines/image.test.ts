import type { StartRequest } from '@drover/spec';
import { describe, expect, test } from 'vitest';
import { readFindings } from './findings.ts';
import { imageEngine } from './image.ts';
import { processEngine } from './process.ts';
import { sweepOrphans } from './sweep.ts';

const request: StartRequest = {
  type: 'start',
  id: 1,
  uuid: 'zzzzz-dz642-000000000000001',
  generation: 3,
  container: { command: ['prog', 'a b', '$HOME'], env: { TOKEN: 'sesame' }, image: 'repo/img:1' },
  limits: { maxRunTimeMs: 0, memoryBytes: 1000, vcpus: 1.5, maxLogBytes: 1, killGraceMs: 1 },
  gpuDevices: [],
  gatewaySecret: '',
};
const key = `${request.uuid}.3`;

function plan(name: 'docker' | 'podman', change: Partial<StartRequest> = {}) {
  const engine = imageEngine({ name, stateFolder: '/s', agentId: 'me', clientEnv: { PATH: '/bin', HOME: '/h' } });
  return engine.plan(key, { ...request, ...change });
}

function withEnv(env: Readonly<Record<string, string>>): Partial<StartRequest> {
  return { container: { ...request.container, env } };
}

describe('command lines', () => {
  test('docker run, word by word', () => {
    expect(plan('docker').command).toEqual([
      'docker',
      'run',
      `--name=drover-${key}`,
      '--label=dev.drover.agent=me',
      `--label=dev.drover.run=${key}`,
      '--log-driver=none',
      '--pull=never',
      `--env-file=/s/runs/${key}/env`,
      '--memory=1000',
      '--memory-swap=1000',
      '--cpu-shares=1536',
      '--entrypoint=prog',
      'repo/img:1',
      'a b',
      '$HOME',
    ]);
  });

  test('podman differs in its name and in how it takes GPUs', () => {
    expect(plan('podman').command[0]).toBe('podman');
    expect(plan('podman', { gpuDevices: [0, 2] }).command).toContain('--device=nvidia.com/gpu=2');
    expect(plan('docker', { gpuDevices: [0, 2] }).command).toContain('--gpus="device=0,2"');
  });

  test('no limits, no options for them; a working directory is the container’s', () => {
    const limits = { ...request.limits, memoryBytes: 0, vcpus: 0 };
    const { command, cwd } = plan('docker', { limits, container: { ...request.container, cwd: '/data' } });
    expect(command.filter((word) => /memory|cpu/.test(word))).toEqual([]);
    expect(command).toContain('--workdir=/data');
    expect(cwd).toBe('/');
  });

  test('the engine enforces the limits, not the shim, which sees only the client program', () => {
    expect(plan('docker')).toMatchObject({ memoryBytes: 0, milliCpus: 0 });
  });

  test('values are never in argv', () => {
    const { command, prepare, cleanup, envFile } = plan('docker', withEnv({ TOKEN: 'sesame', MANY: 'two\nlines' }));
    expect([...command, ...prepare, ...cleanup].join(' ')).not.toMatch(/sesame|two/);
    expect(envFile).toContain('TOKEN=sesame\n');
    expect(command).toContain('--env=MANY');
  });

  test('line breaks go through the client’s environment, unless they would steer the client', () => {
    const { env, envFile } = plan('docker', withEnv({ MANY: 'two\nlines', DOCKER_HOST: 'x', PATH: '/c' }));
    expect(env).toEqual({ PATH: '/bin', HOME: '/h', MANY: 'two\nlines' });
    expect(envFile).toContain('DOCKER_HOST=x\nPATH=/c\n');
    expect(() => plan('docker', withEnv({ DOCKER_HOST: 'a\nb' }))).toThrow('DOCKER_HOST');
    expect(() => plan('docker', withEnv({ '#A': 'x' }))).toThrow('#A');
  });

  test('an image cannot be an option', () => {
    expect(() => plan('docker', { container: { ...request.container, image: '--privileged' } })).toThrow('image name');
  });

  test('a process runs its command as it is, with the defaults below what the container says', () => {
    const { image: _image, ...container } = request.container;
    const planned = processEngine({ PATH: '/usr/bin', HOME: '/root', DROVER_VM_MARKER: 'm' }).plan(key, {
      ...request,
      gpuDevices: [1],
      container,
    });
    expect(planned.command).toEqual(request.container.command);
    expect(planned.env).toEqual({
      PATH: '/usr/bin',
      DROVER_CONTAINER_UUID: request.uuid,
      DROVER_GENERATION: '3',
      CUDA_VISIBLE_DEVICES: '1',
      ROCR_VISIBLE_DEVICES: '1',
      TOKEN: 'sesame',
      DROVER_VM_MARKER: 'm',
    });
    expect(planned).toMatchObject({ memoryBytes: 1000, milliCpus: 1500, cwd: '' });
  });
});

test.each([
  ['', undefined],
  ['drover none\n', { kind: 'no-container' }],
  ['drover no-engine\n', { kind: 'no-engine' }],
  [
    'drover oom=true running=false exit=137 started=2026-01-01 00:00:00 +0000 UTC\n',
    { kind: 'container', oom: true, running: false, exitCode: 137 },
  ],
  ['drover oom=false running=false exit=0 started=0001-01-01T00:00:00Z\n', { kind: 'no-container' }],
  ['something else', undefined],
])('findings in %j', (text, expected) => {
  expect(readFindings(text)).toEqual(expected);
});

describe('sweep', () => {
  test('removes what nobody knows, and only that', async () => {
    const calls: string[] = [];
    const removed = await sweepOrphans(
      'podman',
      'me',
      (known) => known === 'b.1',
      async (program, args) => {
        calls.push([program, ...args].join(' '));
        return 'id1 a.1\nid2 b.1\n\n';
      },
    );
    expect(removed).toEqual(['a.1']);
    expect(calls.slice(1)).toEqual(['podman rm --force id1']);
    expect(calls[0]).toContain('--filter=label=dev.drover.agent=me');
    expect(calls[0]).toContain('{{index .Labels "dev.drover.run"}}');
  });

  test('one that cannot be removed (it may just have ended) does not keep the others, nor the agent', async () => {
    const removed = await sweepOrphans(
      'docker',
      'me',
      () => false,
      async (_, [verb, , id]) => {
        if (verb === 'rm' && id === 'id1') throw new Error('No such container: id1');
        return 'id1 a.1\nid2 b.1\n';
      },
    );
    expect(removed).toEqual(['b.1']);
  });

  test('an engine that is not there has left nothing', async () => {
    const missing = async (): Promise<string> => {
      throw new Error('ENOENT');
    };
    expect(await sweepOrphans('docker', 'me', () => false, missing)).toEqual([]);
  });
});
