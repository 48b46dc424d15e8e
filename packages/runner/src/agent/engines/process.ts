import type { StartRequest } from '@drover/spec';
import type { Engine } from '../ports.ts';

/** Where commands are looked for when the container's environment has no PATH. */
const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Runs the command as a process on the VM. Of the agent's own environment it sees only the PATH and what names the VM (`DROVER_VM_…`):
 * by that a driver finds every process of a VM that shares its machine with others. Without a `cwd` it starts in a scratch folder that
 * is removed with the run.
 */
export function processEngine(agentEnv: Readonly<Record<string, string | undefined>>): Engine {
  const inherited = Object.fromEntries(
    Object.entries(agentEnv).flatMap(([name, value]) =>
      name.startsWith('DROVER_VM_') && value !== undefined ? [[name, value]] : [],
    ),
  );
  const path = agentEnv['PATH'] ?? defaultPath;
  return {
    name: 'process',
    plan: (_key, request) => ({
      prepare: [],
      command: request.container.command,
      cleanup: [],
      env: { PATH: path, ...runEnv(request), ...request.container.env, ...inherited },
      envFile: '',
      cwd: request.container.cwd ?? '',
      memoryBytes: request.limits.memoryBytes,
      milliCpus: Math.round(request.limits.vcpus * 1000),
    }),
  };
}

/** What every run is told about itself, whatever runs it. */
export function runEnv(request: StartRequest): Record<string, string> {
  const devices = request.gpuDevices.join(',');
  return {
    DROVER_CONTAINER_UUID: request.uuid,
    DROVER_GENERATION: String(request.generation),
    // An empty list hides every device, which is what a container without GPUs is to see.
    CUDA_VISIBLE_DEVICES: devices,
    ROCR_VISIBLE_DEVICES: devices,
  };
}
