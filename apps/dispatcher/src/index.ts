export { type ConfigFile, configSchema } from './config/config-schema.ts';
export { type ConfigFlags, loadConfig } from './config/load-config.ts';
export { loadCheckedConfig } from './config/load-checked-config.ts';
export { systemClock } from './ports/system-clock.ts';
export { systemRandom } from './ports/system-random.ts';
export { type DispatcherHooks, runDispatcher, type RunningDispatcher } from './run-dispatcher.ts';
export { type Endpoint, StateDirectory } from './state-directory.ts';
export { version } from './version.ts';
