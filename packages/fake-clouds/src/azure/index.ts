export { ArmError, type ArmErrorOptions, overQuota, resourceNotFound, tooManyRequests } from './arm-error.ts';
export { FakeAzure, type FakeAzureFault } from './fake-azure.ts';
export { type FakeAzureOptions, fakeAzureDefaults, fakeAzureParams, type FakeSize } from './fake-azure-options.ts';
export { FakeRegion, type FakeAttached, type FakeDangling, type FakeVm } from './region.ts';
