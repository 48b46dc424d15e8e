import { systemClock, systemRandom } from '@drover/dispatcher';
import { driver, ec2Params } from '@drover/driver-ec2';
import type { InstanceSet, InstanceType } from '@drover/spec';

/** What the fake region has. */
export const imageId = 'ami-0123456789abcdef0';

/** The instance set that all measurements use. */
export const instanceSetId = 'bench';

/** A type that the fake has; a container takes a whole VM. */
export const instanceType: InstanceType = {
  name: 'small',
  providerType: 'm5.large',
  vcpus: 2,
  ramBytes: 8 * 2 ** 30,
  scratchBytes: 0,
  includedScratchBytes: 0,
  addedScratchBytes: 0,
  pricePerHour: 0.096,
  preemptible: false,
};

/** The EC2 driver over the fake at this URL. */
export function openEc2(endpoint: string): Promise<InstanceSet> {
  const params = ec2Params.parse({
    region: 'us-east-1',
    endpoint,
    accessKeyId: 'AKIAFAKEFAKEFAKEFAKE',
    secretAccessKey: 'secret',
    subnetId: 'subnet-0aaaaaaaaaaaaaaa1',
  });
  return driver.open(params, {
    clock: systemClock,
    random: systemRandom,
    instanceSetId,
    tagKeyPrefix: 'Arvados',
    instanceTypes: [instanceType],
    stateDirectory: '/nonexistent',
  });
}
