export { createEc2Driver, driver, type Ec2DriverOptions } from './driver.ts';
export { type Ec2Params, ec2Params } from './params.ts';
export type { Ec2Api } from './sdk-subset.ts';
