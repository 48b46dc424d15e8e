export { loadRunner, runnerSource } from './deployment.ts';
export { runnerDefaults, type RunnerOptions } from './runner-options.ts';
