import type { Classification } from './error-classes.ts';
import type { SdkErrorFacts } from './error-facts.ts';

/** What to do about an error, by AWS's code or what it begins with; the first that fits. Settings are named as the configuration does. */
const fixes: readonly (readonly [RegExp, string])[] = [
  [/^InvalidAMIID/, 'set pool.imageId to an image of the region that the account may use'],
  [/^InvalidSubnetID/, 'set driver.subnetId to subnets of the region'],
  [/^InsufficientFreeAddressesInSubnet/, 'add a subnet to driver.subnetId'],
  [/^Invalid(Security)?Group/, "set driver.securityGroupIds to groups of the subnet's VPC"],
  [/^InvalidKey\.|^InvalidKeyPair\.Format/, 'use an RSA or ED25519 key for ssh.privateKey; EC2 takes no other kind'],
  [/^InvalidUserData/, 'shorten pool.instanceInitCommand'],
  [/^Tag(Limit|Policy)|^InvalidTag/, 'shorten pool.resourceTags'],
  [/^UnauthorizedOperation|^AccessDenied/, 'grant what `drover driver permissions ec2` prints'],
  [/^RequestExpired|^RequestTimeTooSkewed/, "set this machine's clock right; AWS takes 5 minutes of difference"],
  [
    /^CredentialsProviderError|^MissingAuthenticationToken/,
    'set driver.accessKeyId and driver.secretAccessKey, or give this machine a profile or an instance role',
  ],
  [/^ExpiredToken/, 'renew the credentials, and driver.sessionToken if it is set'],
  [
    /^AuthFailure|^InvalidClientTokenId|^SignatureDoesNotMatch/,
    'check driver.accessKeyId and driver.secretAccessKey, that driver.region is switched on for the account, and the clock',
  ],
  [/^OptInRequired/, 'switch driver.region on for the account, or subscribe to the image of pool.imageId'],
  [/^ENOTFOUND|^EAI_AGAIN/, 'check driver.region and driver.endpoint, and that this machine can resolve names'],
  [/^ECONNREFUSED|^EHOSTUNREACH|^ENETUNREACH|^TimeoutError/, 'check the network, and driver.endpoint if it is set'],
  [/^VcpuLimitExceeded|^InstanceLimitExceeded|^MaxSpotInstance/, 'ask AWS for a higher quota, or use other types'],
  [/^VolumeLimitExceeded|^MaxIOPSLimitExceeded/, 'ask AWS for a higher EBS quota'],
  [/^SpotMaxPriceTooLow/, "raise the type's price, or set driver.spotMaxPrice to false"],
  [/^InvalidBlockDeviceMapping/, 'check driver.ebsType, and that pool.imageId leaves /dev/xvdt free'],
];

/** The same by what the message is about, for codes that say little. */
const byMessage: readonly (readonly [RegExp, string])[] = [
  [/instance ?profile/i, 'set driver.iamInstanceProfile to an instance profile of the account'],
  [/user data/i, 'shorten pool.instanceInitCommand'],
  [/\btags?\b/i, 'shorten pool.resourceTags'],
  [/InstanceType/, 'correct the providerType of the instance type'],
  [/default VPC|subnet/i, 'set driver.subnetId'],
];

/** How to mend it, where the driver knows. */
export function fixFor({ code, message }: SdkErrorFacts, classification: Classification): string | undefined {
  const byCode = fixes.find(([pattern]) => pattern.test(code));
  if (byCode !== undefined) return byCode[1];
  if (classification !== 'invalid' && classification !== 'quota') return undefined;
  return byMessage.find(([pattern]) => pattern.test(message))?.[1];
}
