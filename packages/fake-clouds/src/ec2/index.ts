export type { FakeAccount, FakeDelays, FakeSpotPrice, FakeSubnet } from './account.ts';
export { keyPair } from './describe-region.ts';
export { Ec2Fault, unauthorized } from './ec2-fault.ts';
export { FakeEc2, type FakeEc2Options, type SeenCall } from './fake-ec2.ts';
export type { InjectedFault } from './faults.ts';
export type { FakeInstance } from './fleet.ts';
export { ec2Model } from './model.ts';
export type { Structure } from './values.ts';
export { writeError } from './xml-codec.ts';
