import type { StartRequest } from '@drover/spec';
import type { Engine } from '../ports.ts';
import { findingsFormat, noContainer, noEngine } from './findings.ts';
import { runEnv } from './process.ts';

export interface ImageEngineOptions {
  readonly name: 'docker' | 'podman';
  readonly stateFolder: string;
  /** Tells this agent's containers from those of others on the same machine. */
  readonly agentId: string;
  /** The client's own environment: PATH, HOME, DOCKER_HOST, …; the container's does not mix with it. */
  readonly clientEnv: Readonly<Record<string, string>>;
}

/**
 * Runs containers that have an image through the client program of docker or podman, which the shim starts like any command:
 * pull if missing (outside the run-time limit), run, and afterwards ask what became of it and remove it, whoever still lives then.
 * A signal inside the container is reported by these engines as exit code 128 + number; they cannot tell the two apart.
 */
export function imageEngine(options: ImageEngineOptions): Engine {
  const { name } = options;
  return {
    name,
    plan: (key, request) => {
      const container = containerName(key);
      const image = request.container.image ?? '';
      if (image === '' || image.startsWith('-')) throw new Error(`${JSON.stringify(image)} is no image name`);
      const { envFile, passed } = splitEnv({ ...runEnv(request), ...request.container.env });
      return {
        prepare: ['sh', '-c', prepareScript, name, image, noEngineMark(options, key)],
        command: runCommand(options, key, request, Object.keys(passed)),
        cleanup: ['sh', '-c', cleanupScript, name, container, findingsFormat, noEngineMark(options, key)],
        env: { ...options.clientEnv, ...passed },
        envFile,
        cwd: '/',
        memoryBytes: 0,
        milliCpus: 0,
      };
    },
  };
}

/** $0 engine, $1 image, $2 mark. When the image cannot be had, an engine that does not even tell its version is to blame. */
const prepareScript =
  '"$0" image inspect "$1" >/dev/null 2>&1 || "$0" pull --quiet "$1" >&2 || ' +
  '{ "$0" version >/dev/null 2>&1 || : >"$2"; exit 1; }';

/**
 * In a shell, so that it works also when the agent is dead: $0 engine, $1 container, $2 format, $3 mark. An engine that is away is
 * waited for, however long it takes: its container may live, and is not said to have ended before that is known.
 */
const cleanupScript = `
  [ -e "$3" ] && { echo "${noEngine}"; exit; }
  look() { said=$("$0" inspect --type container --format "$2" "$1" 2>/dev/null); }
  until look "$1" "$2"; do
    "$0" version >/dev/null 2>&1 && { look "$1" "$2" || said="${noContainer}"; break; }
    sleep 1
  done
  echo "$said"
  exec "$0" rm --force "$1" >/dev/null 2>&1`;

/** In the run's folder; not there: the engine has answered. */
function noEngineMark({ stateFolder }: ImageEngineOptions, key: string): string {
  return `${stateFolder}/runs/${key}/no-engine`;
}

/** Labels by which `sweep` finds what nobody supervises any more. */
export const agentLabel = 'dev.drover.agent';
export const runLabel = 'dev.drover.run';

export function containerName(key: string): string {
  return `drover-${key}`;
}

function runCommand(
  { name, stateFolder, agentId }: ImageEngineOptions,
  key: string,
  { container, limits, gpuDevices }: StartRequest,
  passedNames: readonly string[],
): readonly string[] {
  const [entrypoint = '', ...rest] = container.command;
  return [
    name,
    'run',
    `--name=${containerName(key)}`,
    `--label=${agentLabel}=${agentId}`,
    `--label=${runLabel}=${key}`,
    // The shim captures the output; the engine need not store it a second time.
    '--log-driver=none',
    '--pull=never',
    `--env-file=${stateFolder}/runs/${key}/env`,
    ...passedNames.map((variable) => `--env=${variable}`),
    ...(container.cwd === undefined ? [] : [`--workdir=${container.cwd}`]),
    // Equal limits: no swap, so that the memory limit is what it says.
    ...(limits.memoryBytes > 0 ? [`--memory=${limits.memoryBytes}`, `--memory-swap=${limits.memoryBytes}`] : []),
    ...(limits.vcpus > 0 ? [`--cpu-shares=${Math.max(2, Math.round(limits.vcpus * 1024))}`] : []),
    ...gpuOptions(name, gpuDevices),
    `--entrypoint=${entrypoint}`,
    container.image ?? '',
    ...rest,
  ];
}

function gpuOptions(name: 'docker' | 'podman', devices: readonly number[]): readonly string[] {
  if (devices.length === 0) return [];
  // Quotes inside: docker reads the value as CSV, where a comma would end it.
  if (name === 'docker') return [`--gpus="device=${devices.join(',')}"`];
  return devices.map((device) => `--device=nvidia.com/gpu=${device}`);
}

/** Variables that steer the client program itself or how it is found. */
const clientVariable =
  /^(?:DOCKER_|PODMAN_|CONTAINER|REGISTRY_|LD_|XDG_|PATH$|HOME$|TMPDIR$|(?:https?|no|all)_proxy$)/i;

/**
 * Values travel in an env file, never in argv; those with line breaks, which such a file cannot hold, through the client's own
 * environment. Throws for one that can do neither.
 */
function splitEnv(env: Readonly<Record<string, string>>) {
  const lines: string[] = [];
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (/[\r\n]/.test(name) || name.startsWith('#') || /\s/.test(name)) {
      throw new Error(`${JSON.stringify(name)} is no name of an environment variable that a container engine takes`);
    }
    if (!/[\r\n]/.test(value)) lines.push(`${name}=${value}\n`);
    else if (!clientVariable.test(name)) passed[name] = value;
    else throw new Error(`the environment variable ${name} must not hold a line break in a container with an image`);
  }
  return { envFile: lines.join(''), passed };
}
