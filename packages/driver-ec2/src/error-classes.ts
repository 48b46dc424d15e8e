import type { CapacityScope } from '@drover/spec';
import type { SdkErrorFacts } from './error-facts.ts';

/** What an answer means for the pool. */
export type Classification =
  | 'rate-limit'
  | 'quota'
  | 'auth'
  | 'invalid'
  | 'not-found'
  | 'transient'
  | Exclude<CapacityScope, 'all'>;

/** What is wrong with one subnet: with another to try only this offering is ruled out, else it is what the second word says. */
type SubnetTrouble = 'subnet, else quota' | 'subnet, else invalid' | 'subnet, else capacity';

const classes: Readonly<Record<string, Classification | SubnetTrouble>> = {
  RequestLimitExceeded: 'rate-limit',
  EC2ThrottledException: 'rate-limit',
  SlowDown: 'rate-limit',
  TooManyRequestsException: 'rate-limit',
  BandwidthLimitExceeded: 'rate-limit',
  ThrottledException: 'rate-limit',
  LimitExceededException: 'rate-limit',
  PriorRequestNotComplete: 'rate-limit',
  ProvisionedThroughputExceededException: 'rate-limit',
  TransactionInProgressException: 'rate-limit',

  // Capacity is a matter of a zone: the next subnet may have it.
  InsufficientInstanceCapacity: 'subnet, else capacity',
  InsufficientHostCapacity: 'subnet, else capacity',
  InsufficientCapacity: 'subnet, else capacity',
  UnfulfillableCapacity: 'subnet, else capacity',
  ReservationCapacityExceeded: 'subnet, else capacity',
  SpotMaxPriceTooLow: 'subnet, else capacity',
  VcpuLimitExceeded: 'quota-group',
  MaxSpotInstanceCountExceeded: 'quota-group',

  InsufficientFreeAddressesInSubnet: 'subnet, else quota',
  InsufficientVolumeCapacity: 'subnet, else quota',
  'InvalidSubnetID.NotFound': 'subnet, else invalid',
  InstanceLimitExceeded: 'quota',
  VolumeLimitExceeded: 'quota',
  MaxIOPSLimitExceeded: 'quota',
  NetworkInterfaceLimitExceeded: 'quota',
  InsufficientAddressCapacity: 'quota',
  AddressLimitExceeded: 'quota',
  PendingVerification: 'quota',

  UnauthorizedOperation: 'auth',
  OptInRequired: 'auth',
  Blocked: 'auth',
  // Signed with a clock that is off, with a key that is not the id's, with a token that is over or none.
  RequestExpired: 'auth',
  RequestTimeTooSkewed: 'auth',
  SignatureDoesNotMatch: 'auth',
  InvalidClientTokenId: 'auth',
  ExpiredToken: 'auth',
  ExpiredTokenException: 'auth',
  MissingAuthenticationToken: 'auth',
  CredentialsProviderError: 'auth',
  AccessDenied: 'auth',
  AccessDeniedException: 'auth',

  'InvalidInstanceID.NotFound': 'not-found',
  // No VM can have such an id.
  'InvalidInstanceID.Malformed': 'not-found',

  InternalError: 'transient',
  InternalFailure: 'transient',
  Unavailable: 'transient',
  ServiceUnavailable: 'transient',
  RequestTimeout: 'transient',
};

/** Decides what an error means. An answer of AWS's that is in no table is a refusal unless its status says that it is AWS's fault. */
export function classify(facts: SdkErrorFacts, hasOtherSubnets: boolean): Classification {
  const found = classes[facts.code] ?? classifyByForm(facts);
  if (found === 'subnet, else quota') return hasOtherSubnets ? 'offering' : 'quota';
  if (found === 'subnet, else invalid') return hasOtherSubnets ? 'offering' : 'invalid';
  if (found === 'subnet, else capacity') return hasOtherSubnets ? 'offering' : 'instance-type';
  return found;
}

function classifyByForm({ code, message, status }: SdkErrorFacts): Classification | SubnetTrouble {
  if (code.startsWith('Throttling') || code.startsWith('RequestThrottled')) return 'rate-limit';
  if (code.startsWith('AuthFailure')) return 'auth';
  if (code === 'Unsupported') return /instance type/i.test(message) ? 'subnet, else capacity' : 'subnet, else invalid';
  if (code.startsWith('InvalidParameter') && /subnet|free address/i.test(message)) return 'subnet, else quota';
  if (status === undefined || status >= 500 || status === 408) return 'transient';
  return status === 429 ? 'rate-limit' : 'invalid';
}
