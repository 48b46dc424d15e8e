export { executorConformance } from './executor.ts';
export { type ExecutorCommands, type ExecutorHarness, posixCommands } from './executor-harness.ts';
