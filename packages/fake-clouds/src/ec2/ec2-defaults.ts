/** What every fake region has from the start. */
export const fakeEc2Defaults = {
  region: 'us-east-1',
  accessKeyId: 'AKIAFAKEFAKEFAKEFAKE',
  imageId: 'ami-0123456789abcdef0',
  securityGroupId: 'sg-0123456789abcdef0',
  /** In two zones. */
  subnets: { a: 'subnet-0aaaaaaaaaaaaaaa1', b: 'subnet-0bbbbbbbbbbbbbbb2' },
} as const;

/** Parameters of a driver that fit the fake; the endpoint comes with each fake. */
export const fakeEc2Params = {
  region: fakeEc2Defaults.region,
  accessKeyId: fakeEc2Defaults.accessKeyId,
  secretAccessKey: 'secret',
  subnetId: fakeEc2Defaults.subnets.a,
} as const;
