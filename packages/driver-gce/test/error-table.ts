import type { ErrorCode } from '@drover/spec';
import { HttpFailure } from '../src/http-failure.ts';
import { broken, failed, refusal, tokenRefused } from './error-forms.ts';

const zone = 'projects/my-lab-1/zones/us-central1-a';

const quotaText = (metric: string): string => `Quota '${metric}' exceeded.  Limit: 24.0 in region us-central1.`;

/** An error in Google's real form, what it is to become, and a detail: the wait in ms, the scope, or words in the advice. */
export const errorTable: readonly (readonly [
  name: string,
  error: unknown,
  code: ErrorCode,
  detail?: string | number,
])[] = [
  [
    'rate, 403',
    refusal({ status: 403, reason: 'rateLimitExceeded', message: 'Rate Limit Exceeded' }),
    'CLOUD_RATE_LIMIT',
    10_000,
  ],
  [
    'rate of the user',
    refusal({ status: 403, reason: 'userRateLimitExceeded', message: 'x' }),
    'CLOUD_RATE_LIMIT',
    10_000,
  ],
  [
    'rate with header',
    refusal({ status: 429, reason: 'rateLimitExceeded', message: 'x' }, '7'),
    'CLOUD_RATE_LIMIT',
    7_000,
  ],
  [
    'rate with a date',
    refusal({ status: 403, reason: 'rateLimitExceeded', message: 'x' }, 'Thu, 01 Jan 2026 12:35:20 GMT'),
    'CLOUD_RATE_LIMIT',
    30_000,
  ],
  [
    'rate in details',
    refusal({ status: 429, message: 'Quota exceeded for quota metric', info: { reason: 'RATE_LIMIT_EXCEEDED' } }),
    'CLOUD_RATE_LIMIT',
    10_000,
  ],
  ['429 without a body', new HttpFailure(429, '', undefined), 'CLOUD_RATE_LIMIT', 10_000],
  [
    'operations at once',
    refusal({ status: 403, message: 'x', info: { reason: 'CONCURRENT_OPERATIONS_QUOTA_EXCEEDED' } }),
    'CLOUD_RATE_LIMIT',
    30_000,
  ],
  [
    'all CPUs',
    refusal({ status: 403, reason: 'quotaExceeded', message: quotaText('CPUS_ALL_REGIONS') }),
    'CLOUD_QUOTA',
  ],
  ['CPUs of the region', failed('QUOTA_EXCEEDED', quotaText('CPUS')), 'CLOUD_QUOTA'],
  ['disks', failed('QUOTA_EXCEEDED', quotaText('SSD_TOTAL_GB')), 'CLOUD_QUOTA'],
  ['family', failed('QUOTA_EXCEEDED', quotaText('N2_CPUS')), 'CLOUD_CAPACITY', 'quota-group'],
  ['spot', failed('QUOTA_EXCEEDED', quotaText('PREEMPTIBLE_CPUS')), 'CLOUD_CAPACITY', 'quota-group'],
  [
    'GPUs',
    refusal({ status: 403, reason: 'quotaExceeded', message: quotaText('NVIDIA_T4_GPUS') }),
    'CLOUD_CAPACITY',
    'quota-group',
  ],
  [
    'new families, named in details',
    failed('QUOTA_EXCEEDED', 'x', {
      errorDetails: [{ quotaInfo: { metricName: 'compute.googleapis.com/cpus_per_vm_family', limit: 8 } }],
    }),
    'CLOUD_CAPACITY',
    'quota-group',
  ],
  ...(
    [
      'ZONE_RESOURCE_POOL_EXHAUSTED',
      'ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS',
      'RESOURCE_POOL_EXHAUSTED',
      'GPU_STOCKOUT',
      'insufficientCapacity',
      'UNSUPPORTED_OPERATION',
    ] as const
  ).map((code) => [code, failed(code, 'not enough'), 'CLOUD_CAPACITY', 'offering'] as const),
  [
    'stockout in details',
    failed('RESOURCE_OPERATION_ERROR', 'x', { errorDetails: [{ errorInfo: { reason: 'STOCKOUT_ERROR' } }] }),
    'CLOUD_CAPACITY',
    'offering',
  ],
  [
    'a type that the zone has not',
    refusal({
      status: 400,
      reason: 'invalid',
      message:
        "Invalid value for field 'resource.machineType': 'x'. Machine type with name 'c4-standard-8' does not exist in zone 'us-central1-f'.",
    }),
    'CLOUD_CAPACITY',
    'offering',
  ],
  ['addresses', failed('IP_SPACE_EXHAUSTED', "IP space of 'default' is exhausted."), 'CLOUD_QUOTA'],
  ['addresses, with details', failed('IP_SPACE_EXHAUSTED_WITH_DETAILS', 'x'), 'CLOUD_QUOTA'],
  ['inside, operation', failed('INTERNAL_ERROR', 'Internal error.'), 'CLOUD_TRANSIENT'],
  ['inside', refusal({ status: 503, reason: 'backendError', message: 'Backend Error' }), 'CLOUD_TRANSIENT'],
  ['a proxy', new HttpFailure(502, '<html>Bad Gateway</html>', undefined), 'CLOUD_TRANSIENT'],
  ['not ready', refusal({ status: 400, reason: 'resourceNotReady', message: 'x' }), 'CLOUD_TRANSIENT'],
  [
    'changed in between',
    refusal({ status: 412, reason: 'conditionNotMet', message: 'Labels fingerprint' }),
    'CLOUD_TRANSIENT',
  ],
  ['reset', broken('ECONNRESET'), 'CLOUD_TRANSIENT'],
  ['no name', broken('ENOTFOUND'), 'CLOUD_TRANSIENT'],
  ['nonsense', 'oops', 'CLOUD_TRANSIENT'],
  [
    'no token',
    refusal({ status: 401, reason: 'authError', message: 'Invalid Credentials', canonical: 'UNAUTHENTICATED' }),
    'CLOUD_AUTH',
    'driver.credentials',
  ],
  [
    'missing permission',
    refusal({
      status: 403,
      reason: 'forbidden',
      message: "Required 'compute.instances.create' permission for 'projects/p/x'",
    }),
    'CLOUD_AUTH',
    'driver permissions gce',
  ],
  [
    'missing permission, operation',
    failed('PERMISSIONS_ERROR', "Required 'compute.subnetworks.use' permission"),
    'CLOUD_AUTH',
  ],
  [
    'API switched off',
    refusal({
      status: 403,
      reason: 'accessNotConfigured',
      message: 'Compute Engine API has not been used in project 1 before or it is disabled.',
    }),
    'CLOUD_AUTH',
    'gcloud services enable',
  ],
  ['revoked', tokenRefused('invalid_grant', 'Token has been expired or revoked.'), 'CLOUD_AUTH', 'driver.credentials'],
  [
    'clock',
    tokenRefused(
      'invalid_grant',
      'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.',
    ),
    'CLOUD_AUTH',
    'clock',
  ],
  ['no credentials at all', new Error('Could not load the default credentials.'), 'CLOUD_AUTH', 'driver.credentials'],
  [
    'image',
    refusal({
      status: 404,
      reason: 'notFound',
      message: "The resource 'projects/my-lab-1/global/images/nope' was not found",
    }),
    'CLOUD_INVALID_REQUEST',
    'image',
  ],
  [
    'subnetwork',
    refusal({
      status: 400,
      reason: 'invalid',
      message:
        "Invalid value for field 'resource.networkInterfaces[0].subnetwork': 'x'. The referenced subnetwork resource cannot be found.",
    }),
    'CLOUD_INVALID_REQUEST',
    'driver.subnetwork',
  ],
  [
    'zone',
    refusal({ status: 404, reason: 'notFound', message: `The resource '${zone}' was not found` }),
    'CLOUD_INVALID_REQUEST',
    'driver.zones',
  ],
  [
    'project',
    refusal({ status: 404, reason: 'notFound', message: "The resource 'projects/my-lab-1' was not found" }),
    'CLOUD_INVALID_REQUEST',
    'driver.project',
  ],
  [
    'field',
    failed('INVALID_FIELD_VALUE', "Invalid value for field 'resource.disks[0]': disk size too small"),
    'CLOUD_INVALID_REQUEST',
    'driver.bootDisk',
  ],
  [
    'metadata',
    refusal({
      status: 400,
      reason: 'invalid',
      message: "Value for field 'resource.metadata.items[0].value' is too large",
    }),
    'CLOUD_INVALID_REQUEST',
    'driver.metadata',
  ],
  [
    'label',
    refusal({ status: 400, reason: 'invalid', message: "Invalid value for field 'resource.labels': too long" }),
    'CLOUD_INVALID_REQUEST',
    'tags',
  ],
  ['an operation that fails for a reason nobody knows', failed('SOMETHING_NEW', 'x'), 'CLOUD_INVALID_REQUEST'],
  [
    'instance',
    refusal({ status: 404, reason: 'notFound', message: `The resource '${zone}/instances/drover-1' was not found` }),
    'CLOUD_NOT_FOUND',
  ],
];
