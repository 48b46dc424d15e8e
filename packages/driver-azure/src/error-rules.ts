import type { CloudProblem } from './parse-error.ts';

/** The class of spec's errors that an error of Azure belongs to; a capacity error with its scope. */
export type Verdict =
  | 'rate-limit'
  | 'quota'
  | 'quota-group'
  | 'instance-type'
  | 'offering'
  | 'auth'
  | 'invalid'
  | 'not-found'
  | 'transient';

/** One line of the table. What is left out matches everything. */
interface ErrorRule {
  readonly status?: (status: number) => boolean;
  readonly code?: RegExp;
  readonly message?: RegExp;
  readonly target?: RegExp;
  readonly when?: (problem: CloudProblem) => boolean;
  readonly verdict: Verdict;
  readonly fix?: string;
}

const is = (wanted: number) => (status: number) => status === wanted;
const quotaCodes = /^(OperationNotAllowed|QuotaExceeded|ResourceQuotaExceeded)$/;
const askForMore = 'ask for a higher quota in the portal under Quotas';
const networkCodes = /^(REQUEST_SEND_ERROR|E[A-Z]+|UND_ERR\w*|\w*CERT\w*|UNABLE_TO_\w+)$/;

/** First match wins. Codes are those that Microsoft documents or that were seen. */
export const errorRules: readonly ErrorRule[] = [
  // Sign-in. The AADSTS numbers are in the message.
  { when: (p) => p.isSignIn, status: (s) => s === 429 || s >= 500, verdict: 'transient' },
  {
    when: (p) => p.isSignIn,
    message: /AADSTS7000222/,
    verdict: 'auth',
    fix: 'driver.clientSecret has expired: make a new client secret and put it where the setting points',
  },
  {
    when: (p) => p.isSignIn,
    message: /AADSTS7000215/,
    verdict: 'auth',
    fix: 'driver.clientSecret: give the value of the client secret, not its id',
  },
  {
    when: (p) => p.isSignIn,
    message: /AADSTS700016/,
    verdict: 'auth',
    fix: 'driver.clientId: no such application in the tenant',
  },
  {
    when: (p) => p.isSignIn,
    message: /AADSTS(90002|900021|900023)/,
    verdict: 'auth',
    fix: 'driver.tenantId: no such tenant',
  },
  { when: (p) => p.isSignIn && networkCodes.test(p.code), verdict: 'transient' },
  {
    when: (p) => p.isSignIn,
    // How Microsoft's library says that it cannot reach the sign-in.
    message: /endpoints_resolution_error|network_error|ECONN|ENOTFOUND|EAI_AGAIN|timed? ?out/i,
    verdict: 'transient',
    fix: 'if it lasts: check the way to the sign-in, driver.tenantId and driver.cloudEnvironment',
  },
  {
    when: (p) => p.isSignIn,
    verdict: 'auth',
    fix: 'set driver.tenantId, driver.clientId and driver.clientSecret, or give this machine a managed identity',
  },
  // Too many calls.
  { status: is(429), code: /^RetryableErrorDueToAnotherOperation$/, verdict: 'transient' },
  { status: is(429), verdict: 'rate-limit' },
  { when: (p) => p.retryAfterMs !== undefined, status: (s) => s >= 500 || s === 408, verdict: 'rate-limit' },
  // Quotas: the sentence names the family before it names the form for a higher quota.
  { code: quotaCodes, message: /LowPriorityCores|low.?priority cores/i, verdict: 'quota-group', fix: askForMore },
  { code: quotaCodes, message: /family\s+(cores|vcpus)?\s*quota/i, verdict: 'quota-group', fix: askForMore },
  { code: quotaCodes, message: /total regional|quota/i, verdict: 'quota', fix: askForMore },
  {
    code: /^(QuotaExceeded|ResourceQuotaExceeded|NetworkInterfaceCountLimitReached|PublicIPCountLimitReached)$/,
    verdict: 'quota',
    fix: askForMore,
  },
  {
    code: /^(InsufficientSubnetSize|SubnetIsFull)$/,
    verdict: 'quota',
    fix: 'driver.subnet has no free address: widen it, or name another',
  },
  { code: /^OperationNotAllowed$/, verdict: 'invalid' },
  // Capacity.
  { code: /^(ZonalAllocationFailed|OverconstrainedZonalAllocationRequest)$/, verdict: 'offering' },
  {
    code: /^(AllocationFailed|OverconstrainedAllocationRequest|SkuNotAvailable|SpotPriceGreaterThanProvidedMaxPrice)$/,
    verdict: 'instance-type',
  },
  // Credentials and permissions.
  {
    status: is(403),
    code: /^RequestDisallowedByPolicy$/,
    verdict: 'invalid',
    fix: 'an Azure Policy forbids this VM: change the policy, or what it asks for (often tags: pool.resourceTags)',
  },
  { status: is(401), verdict: 'auth', fix: 'check driver.tenantId, driver.clientId and driver.clientSecret' },
  {
    status: is(403),
    code: /^LinkedAuthorizationFailed$/,
    verdict: 'auth',
    fix: 'the identity may not use driver.subnet or pool.imageId: give it the role there too (drover driver permissions azure)',
  },
  {
    status: is(403),
    verdict: 'auth',
    fix: 'give the identity the role that `drover driver permissions azure` prints, in driver.resourceGroup',
  },
  {
    code: /^(AuthorizationFailed|LinkedAuthorizationFailed)$/,
    verdict: 'auth',
    fix: 'give the identity the role that `drover driver permissions azure` prints',
  },
  // What the configuration names and Azure does not have.
  {
    code: /^SubscriptionNotFound$|^InvalidSubscriptionId$/,
    verdict: 'invalid',
    fix: 'driver.subscriptionId: no such subscription for this identity',
  },
  {
    code: /^ResourceGroupNotFound$/,
    verdict: 'invalid',
    fix: 'driver.resourceGroup: make the resource group, or name one that exists',
  },
  {
    code: /^(LocationNotAvailableForResourceType|InvalidLocation|NoRegisteredProviderFound|LocationNotAvailableForResourceGroup)$/,
    verdict: 'invalid',
    fix: 'driver.location: use a name of `az account list-locations`, one where the VM sizes are offered',
  },
  {
    code: /^(MissingSubscriptionRegistration)$/,
    verdict: 'invalid',
    fix: 'register Microsoft.Compute and Microsoft.Network for the subscription (az provider register)',
  },
  {
    code: /^(ImageNotFound|GalleryImageNotFound|PlatformImageNotFound|InvalidImageReference)$/,
    verdict: 'invalid',
    fix: 'pool.imageId: no such image there (driver.imageResourceGroup, driver.sharedImageGalleryName and its version)',
  },
  {
    code: /^(NotFound|InvalidParameter|BadRequest)$/,
    message: /\bimage\b/i,
    verdict: 'invalid',
    fix: 'pool.imageId: no such image there, or it is in another location than driver.location',
  },
  {
    code: /^(InvalidResourceReference|NotFound)$/,
    message: /subnet|virtualNetworks/i,
    verdict: 'invalid',
    fix: 'driver.network, driver.networkResourceGroup or driver.subnet names something that does not exist in driver.location',
  },
  {
    code: /^InvalidParameter$/,
    target: /keyData/i,
    verdict: 'invalid',
    fix: 'ssh.privateKey: Azure takes RSA keys of 2048 bits or more, and Ed25519',
  },
  {
    code: /^InvalidParameter$/,
    target: /customData/i,
    verdict: 'invalid',
    fix: 'pool.instanceInitCommand is too long for Azure: move it into the image',
  },
  {
    code: /^InvalidParameter$/,
    target: /adminUsername/i,
    verdict: 'invalid',
    fix: 'driver.adminUsername: choose a name that Azure allows',
  },
  {
    code: /^InvalidParameter$/,
    target: /vmSize/i,
    verdict: 'invalid',
    fix: 'providerType of the instance type is no VM size of driver.location',
  },
  { code: /^InvalidParameter$/, verdict: 'invalid' },
  {
    code: /^(AzureSpotFeatureNotEnabledForSubscription|VMSizeDoesNotSupportSpot\w*|SpotNotSupported\w*|EvictionPolicyCanOnlyBeSet\w*|OfferNotSupportSpot\w*)$/i,
    verdict: 'invalid',
    fix: 'set preemptible: false for this instance type, or use a subscription and VM size that have spot',
  },
  { code: /^(ResourceNotFound|NotFound|ParentResourceNotFound)$/, verdict: 'not-found' },
  // Something else changes the same thing just now.
  {
    code: /^(Conflict|AnotherOperationInProgress|OperationPreempted|OperationCancelled|PreconditionFailed)$/,
    verdict: 'transient',
  },
  { code: networkCodes, verdict: 'transient' },
  { status: (s) => s >= 500 || s === 408 || s === 409 || s === 412, verdict: 'transient' },
  { status: is(404), verdict: 'not-found' },
  { status: (s) => s >= 400, verdict: 'invalid' },
];

/** The line that the problem falls under; what no line knows may pass. */
export function ruleFor(problem: CloudProblem): Pick<ErrorRule, 'verdict' | 'fix'> {
  return errorRules.find((rule) => matches(rule, problem)) ?? { verdict: 'transient' };
}

function matches({ status, code, message, target, when }: ErrorRule, problem: CloudProblem): boolean {
  return (
    (status === undefined || (problem.status !== undefined && status(problem.status))) &&
    (code === undefined || code.test(problem.code)) &&
    (message === undefined || message.test(problem.message)) &&
    (target === undefined || target.test(problem.target)) &&
    (when === undefined || when(problem))
  );
}
