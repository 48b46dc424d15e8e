export { loadRunner, runnerSource, runnerStateFolder } from './deployment.ts';
export { runnerDefaults, type RunnerOptions } from './runner-options.ts';
