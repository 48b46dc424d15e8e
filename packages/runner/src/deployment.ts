import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import {
  DroverError,
  type InstanceId,
  type RunnerDeployment,
  type RunnerFile,
  type RunnerPlace,
  type RunnerSource,
} from '@drover/spec';
import { agentNodeFlags } from './node-flags.ts';
import { nodeRuntime, ownNode } from './node-runtime.ts';
import { helpers } from './platform-helper.ts';
import { runnerDefaults, type RunnerOptions } from './runner-options.ts';
import { shellWord } from './shell-word.ts';

/** Where the pool gets drover's own runner from: the bundled agent and the native helpers that come with this package. */
export function runnerSource(options: Partial<RunnerOptions> = {}): RunnerSource {
  return { load: async () => loadRunner(options) };
}

/**
 * Rejects with RUNNER_UNAVAILABLE when a file of the package is missing or the deploy directory's name is too long.
 * `packageFolder`: where this package's own files are.
 */
export async function loadRunner(
  options: Partial<RunnerOptions> = {},
  packageFolder = fileURLToPath(new URL('..', import.meta.url)),
): Promise<RunnerDeployment> {
  const settings = { ...runnerDefaults, ...options };
  checkLength(settings.deployDirectory);
  const files = await Promise.all([
    loadFile(`${packageFolder}/dist-agent/agent.mjs`, 'agent.mjs', 0o644, undefined),
    ...helpers.map(async ({ uname, file }) =>
      loadFile(`${packageFolder}/native/bin/${file}`, 'drover-helper', 0o755, uname),
    ),
  ]);
  return {
    name: 'drover-runner',
    hash: hashFiles(files),
    files,
    ...runtimeOf(settings),
    deployDirectory: settings.deployDirectory,
    startCommand: (place) => helperCommand('ensure', place, settings),
    listCommand: (place) =>
      `${helperCommand('ensure', place, settings)} && printf 'status\\n' | ` +
      `${shellWord(`${place.directory}/drover-helper`)} connect ${shellWord(agentSocket(place, settings))}`,
    attachCommand: (place) => helperCommand('attach', place, settings),
    socketPath: (place) => agentSocket(place, settings),
  };
}

/** Addresses of unix sockets are short: 103 bytes on macOS, 107 on Linux. Cut off silently, they would meet someone else's. */
function checkLength(deployDirectory: string): void {
  const longest = `${deployDirectory}/state-000000000000/spawner.sock`;
  if (Buffer.byteLength(longest) <= 103) return;
  throw new DroverError('RUNNER_UNAVAILABLE', `${longest} is too long for a unix socket`, {
    fix: 'choose a shorter deploy directory, at most 71 bytes',
  });
}

function runtimeOf({ node, nodeBinaries, cacheDirectory }: RunnerOptions): Pick<RunnerDeployment, 'runtime'> {
  if (cacheDirectory === '') return {};
  return { runtime: nodeRuntime({ node, cacheDirectory, binaries: { ...ownNode(), ...nodeBinaries } }) };
}

/** The agent's socket on a VM. */
function agentSocket(place: RunnerPlace, settings: RunnerOptions): string {
  return `${runnerStateFolder(settings.deployDirectory, place.instanceId)}/agent.sock`;
}

/**
 * Where the runner keeps what must outlive it and its version. Differs between VMs that share a file system; whoever has them
 * do so removes it after the VM. Ids of some clouds are long paths, hence the hash.
 */
export function runnerStateFolder(deployDirectory: string, instanceId: InstanceId): string {
  const id = createHash('sha256').update(instanceId).digest('hex').slice(0, 12);
  return `${deployDirectory}/state-${id}`;
}

function helperCommand(verb: 'ensure' | 'attach', place: RunnerPlace, settings: RunnerOptions): string {
  const helper = `${place.directory}/drover-helper`;
  const state = runnerStateFolder(settings.deployDirectory, place.instanceId);
  const flags = [
    `--engine=${settings.imageEngine}`,
    `--preemption-watch=${settings.preemptionWatch}`,
    ...(settings.powerOffCommand === '' ? [] : [`--power-off=${settings.powerOffCommand}`]),
  ];
  const agent = [...agentNodeFlags, `${place.directory}/agent.mjs`, 'serve', state, helper, ...flags];
  // A VM that has no Node of its own was sent one.
  const sent = shellWord(`${place.directory}/node`);
  const findNode = `node=${shellWord(settings.node)}; test -x ${sent} && node=${sent}`;
  const run = verb === 'attach' ? 'exec ' : '';
  return `{ ${findNode}; ${run}${[helper, verb, state].map(shellWord).join(' ')} "$node" ${agent.map(shellWord).join(' ')}; }`;
}

async function loadFile(source: string, path: string, mode: number, platform: string | undefined): Promise<RunnerFile> {
  try {
    const bytes = await readFile(source);
    return { path, mode, bytes, ...(platform === undefined ? {} : { platform }) };
  } catch (cause) {
    throw new DroverError('RUNNER_UNAVAILABLE', `a file of the runner cannot be read: ${source}`, {
      cause,
      retryable: true,
      fix: 'run `npm run setup` in the checkout, or install @drover/runner again',
    });
  }
}

function hashFiles(files: readonly RunnerFile[]): string {
  const hash = createHash('sha256');
  for (const { path, mode, bytes, platform } of files) {
    hash.update(`${path}\0${mode}\0${platform ?? ''}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}
