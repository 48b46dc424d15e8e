export {
  type CapacityGate,
  type CapacitySubject,
  capacityReached,
  openCapacityGate,
  unavailableUntilMs,
} from './capacity-gate.ts';
export { classifyCloudError, type CloudFailure, toError } from './cloud-error.ts';
export { CreateGates, type CreateGatesContext } from './create-gates.ts';
export { isAtQuota, openQuotaGate, type QuotaGate, quotaAfterListing, quotaReached } from './quota-gate.ts';
export { heldForMs, holdAfterOtherAnswer, holdAfterRateLimit, noHold, type RateLimitHold } from './rate-limit-hold.ts';
export {
  type ThrottleContext,
  throttled,
  type ThrottledCreateOptions,
  type ThrottledInstanceSet,
} from './throttled-instance-set.ts';
export { defaultThrottleOptions, type ThrottleOptions } from './throttle-options.ts';
export { fullBucket, takeToken, type TokenBucket, type TokenRate, tokenRate } from './token-bucket.ts';
export { type Deadline, withDeadline } from './with-deadline.ts';
