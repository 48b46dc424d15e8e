import type { Fault } from './fault.ts';

/** A fault's text, and the setting that it is about. The first that fits is told. */
const hints: readonly (readonly [pattern: RegExp, fix: string])[] = [
  [
    /short-lived token|\biat\b|\bexp\b|invalid jwt|clock|issued.*future/i,
    "set this machine's clock right (`timedatectl`): a token is refused when it is minutes off",
  ],
  [/could not load the default credentials/i, 'set driver.credentials, or run `gcloud auth application-default login`'],
  [
    /invalid_grant|invalid_rapt|unsupported|no key or keyfile|refresh access token/i,
    'the credentials have expired or were revoked: make a new key for driver.credentials',
  ],
  [
    /has not been used in project|accessNotConfigured|is disabled/i,
    'enable it: `gcloud services enable compute.googleapis.com`',
  ],
  [
    /iam\.serviceAccounts\.actAs|serviceAccounts?\b.*(not|access)|service account/i,
    'check driver.serviceAccount, and let the dispatcher use it (role iam.serviceAccountUser)',
  ],
  [
    /subnetwork/i,
    'check driver.subnetwork: it must be in the region of driver.zones, and the dispatcher allowed to use it',
  ],
  [/\/networks\/|\bnetwork\b/i, 'check driver.network and driver.subnetwork'],
  [
    /\/images\/|sourceImage|\bimage\b/i,
    'check the image id, and that the dispatcher may use it (`gcloud compute images list`)',
  ],
  [
    /\/machineTypes\/|machine ?type/i,
    'check providerType of the instance type, and that driver.zones have it (`gcloud compute machine-types list`)',
  ],
  [/\/diskTypes\/|disk ?type|disk size/i, 'check driver.bootDisk and driver.scratch'],
  [
    /\/zones\/[^/']+'|\bzone\b.*(not found|unknown|invalid)|(unknown|invalid).*\bzone\b/i,
    'check driver.zones (`gcloud compute zones list`)',
  ],
  [
    /resource 'projects\/[^/']+'|\bproject\b.*(not found|unknown|invalid)|(unknown|invalid).*\bproject\b/i,
    'check driver.project: it is the id, not the title',
  ],
  [/metadata/i, 'make driver.metadata or the init command shorter: 256 KiB an item, 512 KiB in all'],
  [/label/i, 'check the tags of the configuration: their keys and values become labels'],
  [/required '?([\w.]+)'? permission/i, 'give the dispatcher the role that `drover driver permissions gce` prints'],
];

const ofKind: Readonly<Record<string, string | undefined>> = {
  quota: 'ask for more quota (IAM & Admin, Quotas), or lower maxInstances',
  capacity: 'name more zones in driver.zones, or more instance types',
  auth: 'check driver.credentials, and give the dispatcher the role that `drover driver permissions gce` prints',
};

/** How to mend it, naming the setting; undefined when nothing is to be mended. */
export function howToMend(fault: Fault, kind: string): string | undefined {
  if (kind === 'rate-limit' || kind === 'transient' || kind === 'not-found') return undefined;
  if (kind === 'quota' || kind === 'capacity') return ofKind[kind];
  const text = `${fault.message} ${fault.reasons.join(' ')} ${fault.systemCode ?? ''}`;
  return hints.find(([pattern]) => pattern.test(text))?.[1] ?? ofKind[kind];
}
