import type { RunnerDeployment, RunnerSource } from '@drover/spec';

/** The words by which simulated hosts know the runner's commands. */
export const simulatedRunnerCommand = {
  start: 'sim-runner start',
  list: 'sim-runner list',
  attach: 'sim-runner attach',
};

/** A runner for simulated hosts. */
export const simulatedRunner: RunnerDeployment = {
  name: 'sim-runner',
  hash: '5150',
  files: [{ path: 'agent.mjs', mode: 0o755, bytes: new Uint8Array([1, 2, 3]) }],
  deployDirectory: '/var/lib/drover',
  startCommand: () => simulatedRunnerCommand.start,
  listCommand: () => simulatedRunnerCommand.list,
  attachCommand: () => simulatedRunnerCommand.attach,
};

/** Always gives the runner for simulated hosts. */
export const simulatedRunnerSource: RunnerSource = { load: async () => simulatedRunner };
