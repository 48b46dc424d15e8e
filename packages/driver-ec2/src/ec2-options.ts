/** Defaults of the EC2 driver; those with a name in the reference's configuration have its values. */
export const ec2Defaults = {
  /** Type of EBS volumes for added scratch. */
  ebsType: 'gp2',
  /** USD per GiB and month. */
  ebsPrice: 0.1,
  /** The account on the VM that gets the key. */
  adminUsername: 'crunch',
  /** How long a list of spot prices is good; 0 switches price history off. */
  spotPriceUpdateIntervalMs: 24 * 3_600_000,
} as const;
