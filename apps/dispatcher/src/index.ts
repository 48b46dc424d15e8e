export { type ConfigFile, configSchema } from './config/config-schema.ts';
export { settingOf } from './config/config-sources.ts';
export { type ConfigFlags, loadConfig } from './config/load-config.ts';
export { chooseTargets, type TargetChoice } from './cloud-test/choose-targets.ts';
export { type CloudTestReport, runCloudTest } from './cloud-test/cloud-test.ts';
export type { VmStep, VmStepName, VmTarget, VmTestResult } from './cloud-test/cloud-test-types.ts';
export { openCloudTest } from './cloud-test/open-cloud-test.ts';
export { findSuite } from './driver-test/find-suite.ts';
export { runSuite, type SuiteRun, type SuiteTest } from './driver-test/run-suite.ts';
export { type LiveRun, testLive } from './driver-test/test-live.ts';
export type { DoctorCheck, DoctorReport, DoctorSubject } from './doctor/doctor-check.ts';
export { runDoctor } from './doctor/run-doctor.ts';
export { loadCheckedConfig } from './config/load-checked-config.ts';
export { type PlanningSettings, planningSettings } from './config/planning-settings.ts';
export {
  describeDriver,
  type DriverFacts,
  type DriverParameter,
  type DriverRow,
  driverPermissions,
  listDrivers,
} from './driver-facts.ts';
export { systemClock } from './ports/system-clock.ts';
export { systemRandom } from './ports/system-random.ts';
export { type DispatcherHooks, runDispatcher, type RunningDispatcher } from './run-dispatcher.ts';
export { type Endpoint, StateDirectory } from './state-directory.ts';
export { version } from './version.ts';
