export { composeDispatcher } from './compose-dispatcher.ts';
export type {
  Dispatcher,
  DispatcherOptions,
  DispatcherPhase,
  DispatcherPorts,
  DispatcherStatus,
  StopOptions,
} from './dispatcher-types.ts';
