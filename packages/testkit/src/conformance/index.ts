export { executorConformance } from './executor.ts';
export { type ExecutorCommands, type ExecutorHarness, posixCommands } from './executor-harness.ts';
export { driverConformance } from './driver.ts';
export type {
  DriverFault,
  DriverHarness,
  DriverTiming,
  DriverWorld,
  LiveDriverHarness,
  LiveDriverWorld,
} from './driver-harness.ts';
export { queueConformance } from './queue.ts';
export {
  containerSpec,
  type QueueHarness,
  type QueueHarnessMaker,
  type QueuePorts,
  runResult,
} from './queue-harness.ts';
export { stateStoreConformance } from './state-store.ts';
export { runnerConformance } from './runner.ts';
export {
  posixRunnerCommands,
  RunnerClient,
  type RunnerCommands,
  type RunnerHarness,
  testUuid,
} from './runner-harness.ts';
