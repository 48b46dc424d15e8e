// The part of the suite that needs no test runner.
export type { DriverTiming, LiveDriverWorld } from './driver-harness.ts';
export { liveDriverLife, type LiveLife, liveTitle } from './live-life.ts';
