export type { Cloud } from './cloud.ts';
export { discoverySource, type GceCall } from './discovery.ts';
export { type FakeGce, startFakeGce } from './fake-gce.ts';
export { fakeGceDefaults, type FakeGceOptions, type GceFaults, noFaults } from './fake-options.ts';
export { forbidden, invalid, notFound, Refusal } from './refusal.ts';
