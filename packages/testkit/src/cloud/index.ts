export {
  type CallFaults,
  type CloudFaults,
  cloudFaults,
  type CloudVerb,
  healCloud,
  type OutOfCapacity,
} from './cloud-faults.ts';
export { FakeCloud, type ForeignTouch } from './fake-cloud.ts';
export type { CloudHooks, CloudZone, DelayRange, FakeCloudOptions, RateLimit, VmBoot } from './fake-cloud-options.ts';
