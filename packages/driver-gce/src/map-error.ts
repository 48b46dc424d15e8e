import { errorOf, type ErrorMeaning } from '@drover/driver-kit';
import { DroverError } from '@drover/spec';
import { type Fault, readFault } from './fault.ts';
import { howToMend } from './how-to-mend.ts';

/** What the mapping needs to know of its surroundings. */
export interface MapErrorContext {
  /** What was tried, as in "create drover-1 in us-central1-a". */
  readonly doing: string;
  /** Wall time: rate quotas are refilled at full minutes. */
  readonly wallMs: number;
}

const minuteMs = 60_000;
const concurrentOperationsMs = 30_000;

/** What a fault means, by the first rule that fits; a rate limit may know how long its rest is. */
type Meaning =
  | Exclude<ErrorMeaning, { readonly kind: 'rate-limit' }>
  | { readonly kind: 'rate-limit'; readonly waitMs?: number };

const passing = { kind: 'transient' } as const satisfies Meaning;

/**
 * Rate first: a used-up rate is a 403 like a missing permission. "Try another zone" is a capacity error of the offering: the pool
 * goes on to the next, and none left is no capacity for the type.
 */
const rules: readonly (readonly [fits: (fault: Fault) => boolean, meaning: Meaning])[] = [
  [reason(/^CONCURRENT_OPERATIONS_QUOTA_EXCEEDED$/), { kind: 'rate-limit', waitMs: concurrentOperationsMs }],
  [reason(/^(userR|r)ateLimitExceeded$|^RATE_LIMIT_EXCEEDED$|^dailyLimitExceeded$/), { kind: 'rate-limit' }],
  [({ status }) => status === 429, { kind: 'rate-limit' }],
  [isQuotaOfGroup, { kind: 'capacity', scope: 'quota-group' }],
  [reason(/quota/i), { kind: 'quota' }],
  [
    reason(/^(ZONE_)?RESOURCE_POOL_EXHAUSTED(_WITH_DETAILS)?$|^GPU_STOCKOUT$|stockout|^insufficientCapacity$/i),
    { kind: 'capacity', scope: 'offering' },
  ],
  // The VM was taken away again before its creation had ended.
  [reason(/^UNSUPPORTED_OPERATION$/), { kind: 'capacity', scope: 'offering' }],
  [message(/does not exist in zone/i), { kind: 'capacity', scope: 'offering' }],
  [reason(/^IP_SPACE_EXHAUSTED/), { kind: 'quota' }],
  [
    reason(/^(INTERNAL_ERROR|internalError|backendError|BACKEND_ERROR|UNAVAILABLE|OPERATION_CANCELED_BY_USER)$/),
    passing,
  ],
  // Somebody else is changing it at this moment.
  [
    reason(
      /^(resourceNotReady|RESOURCE_NOT_READY|conditionNotMet|CONDITION_NOT_MET|RESOURCE_IN_USE_BY_ANOTHER_RESOURCE)$/,
    ),
    passing,
  ],
  [({ status }) => status === 412 || status === 408 || (status !== undefined && status >= 500), passing],
  [isRefusedCredential, { kind: 'auth' }],
  [
    reason(/^(forbidden|PERMISSIONS_ERROR|accessNotConfigured|PERMISSION_DENIED|UNAUTHENTICATED|authError|required)$/),
    { kind: 'auth' },
  ],
  [({ status }) => status === 401 || status === 403, { kind: 'auth' }],
  [isMissingInstance, { kind: 'not-found' }],
  [({ status }) => status !== undefined && status >= 400, { kind: 'invalid' }],
  // Without a status it is a failed operation, whose reason is none of the above, or no answer at all.
  [({ reasons }) => reasons.length > 0, { kind: 'invalid' }],
];

/** Turns any error of any call into one of spec's classes. */
export function mapError(error: unknown, { doing, wallMs }: MapErrorContext): DroverError {
  if (DroverError.is(error)) return error;
  const fault = readFault(error);
  const meaning = rules.find(([fits]) => fits(fault))?.[1] ?? passing;
  const text = `gce: cannot ${doing}: ${fault.message}${reasonNote(fault)}`;
  const fix = howToMend(fault, meaning.kind);
  return errorOf(timed(meaning, fault, wallMs), text, { cause: error, ...(fix === undefined ? {} : { fix }) });
}

/** Rate limits are over when the cloud says, else when the next minute begins. */
function timed(meaning: Meaning, fault: Fault, wallMs: number): ErrorMeaning {
  if (meaning.kind !== 'rate-limit') return meaning;
  return { kind: 'rate-limit', retryAfterMs: retryAfterMs(fault, wallMs) ?? meaning.waitMs ?? restOfMinuteMs(wallMs) };
}

/** Whether the call was refused because somebody else changed the resource in between. */
export function isConflict(error: unknown): boolean {
  const fault = readFault(error);
  return fault.status === 412 || fault.reasons.some((each) => /^condition_?not_?met$/i.test(each));
}

/** Whether a resource of that name is there already. */
export function isAlreadyThere(error: unknown): boolean {
  const fault = readFault(error);
  return (
    (fault.status === 409 && fault.reasons.some((each) => /^already_?exists$/i.test(each))) ||
    fault.reasons.includes('RESOURCE_ALREADY_EXISTS')
  );
}

/** Whether something of what was asked for does not exist. */
export function isNotFound(error: unknown): boolean {
  return readFault(error).status === 404;
}

/** Whether the cloud says for certain that this instance does not exist; a missing zone or project is another matter. */
export function isMissingInstance(error: unknown): boolean {
  const fault = isFault(error) ? error : readFault(error);
  return (
    (fault.status === 404 || fault.reasons.includes('RESOURCE_NOT_FOUND')) && /\/instances\/[^/']+'/.test(fault.message)
  );
}

function isFault(value: unknown): value is Fault {
  return !(value instanceof Error) && typeof value === 'object' && value !== null && 'reasons' in value;
}

function reason(pattern: RegExp): (fault: Fault) => boolean {
  return ({ reasons }) => reasons.some((each) => pattern.test(each));
}

function message(pattern: RegExp): (fault: Fault) => boolean {
  return (fault) => pattern.test(fault.message);
}

/** A quota of one machine family, of GPUs or of spot VMs leaves room for others. */
function isQuotaOfGroup(fault: Fault): boolean {
  if (!fault.reasons.some((each) => /quota/i.test(each))) return false;
  const metric = fault.quotaMetric ?? /Quota '([^']+)'/.exec(fault.message)?.[1] ?? '';
  return /preemptible|gpus|[a-z]\d+[a-z]*_cpus|per_vm_family/i.test(metric);
}

function isRefusedCredential({ systemCode, message: text }: Fault): boolean {
  return (
    /^(invalid_grant|invalid_client|unauthorized_client|invalid_rapt|ERR_OSSL_UNSUPPORTED)$/.test(systemCode ?? '') ||
    /could not load the default credentials|no key or keyfile set|could not refresh access token/i.test(text)
  );
}

/** Seconds, or an HTTP date. */
function retryAfterMs({ retryAfter }: Fault, wallMs: number): number | undefined {
  if (retryAfter === undefined) return undefined;
  const seconds = Number(retryAfter);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1_000);
  const atMs = Date.parse(retryAfter);
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - wallMs);
}

function restOfMinuteMs(wallMs: number): number {
  return minuteMs - (wallMs % minuteMs);
}

function reasonNote({ reasons, message: text }: Fault): string {
  const [first] = reasons.filter((each) => !text.includes(each));
  return first === undefined ? '' : ` (${first})`;
}
