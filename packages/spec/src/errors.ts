import type { ErrorCode } from './error-codes.ts';

/** `Symbol.for`, so that two copies of this package in one process still recognise each other's errors. */
const marker: unique symbol = Symbol.for('@drover/spec/error');

/** What an error says beside its code. */
export interface DroverErrorOptions {
  /** May the same call succeed later without anybody changing anything? Default false. */
  readonly retryable?: boolean;
  /** How to mend it, one sentence for a person. */
  readonly fix?: string;
  readonly cause?: unknown;
}

/** Base of every error that drover throws on purpose. `code` is stable and documented in the error catalogue. */
export class DroverError extends Error {
  readonly [marker] = true;
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly fix: string | undefined;

  constructor(code: ErrorCode, message: string, options: DroverErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.fix = options.fix;
  }

  /** True for any drover error, also one made by another copy of this package. */
  static is(value: unknown): value is DroverError {
    return typeof value === 'object' && value !== null && marker in value;
  }
}

/** The cloud asks for fewer calls of this kind. */
export class RateLimitError extends DroverError {
  /** How long the cloud asked to wait; undefined when it did not say. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: DroverErrorOptions & { readonly retryAfterMs?: number } = {}) {
    super('CLOUD_RATE_LIMIT', message, { retryable: true, ...options });
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The account may not have more instances, whatever their type. */
export class QuotaError extends DroverError {
  constructor(message: string, options: DroverErrorOptions = {}) {
    super('CLOUD_QUOTA', message, { retryable: true, ...options });
  }
}

/** How much of the offer a capacity error rules out. */
export type CapacityScope = 'all' | 'quota-group' | 'instance-type' | 'offering';

/** The cloud cannot supply this now. */
export class CapacityError extends DroverError {
  readonly scope: CapacityScope;

  constructor(message: string, options: DroverErrorOptions & { readonly scope: CapacityScope }) {
    super('CLOUD_CAPACITY', message, { retryable: true, ...options });
    this.scope = options.scope;
  }
}

/** Credentials are missing, expired or not permitted to do this. */
export class AuthError extends DroverError {
  constructor(message: string, options: DroverErrorOptions = {}) {
    super('CLOUD_AUTH', message, options);
  }
}

/** The cloud refused the request as it stands: a wrong image, subnet, parameter. */
export class InvalidRequestError extends DroverError {
  constructor(message: string, options: DroverErrorOptions = {}) {
    super('CLOUD_INVALID_REQUEST', message, options);
  }
}

/** The instance does not exist. */
export class NotFoundError extends DroverError {
  constructor(message: string, options: DroverErrorOptions = {}) {
    super('CLOUD_NOT_FOUND', message, options);
  }
}

/** A fault on the way or inside the cloud; whether the call took effect is not known. */
export class TransientCloudError extends DroverError {
  constructor(message: string, options: DroverErrorOptions = {}) {
    super('CLOUD_TRANSIENT', message, { retryable: true, ...options });
  }
}

/** The instance has no address (yet). */
export class NoAddressError extends DroverError {
  constructor(message: string, options: DroverErrorOptions = {}) {
    super('SSH_NO_ADDRESS', message, { retryable: true, ...options });
  }
}

/** No SSH connection could be made, or it broke; a command that was under way may or may not have run. */
export class ConnectError extends DroverError {
  constructor(message: string, options: DroverErrorOptions = {}) {
    super('SSH_CONNECT', message, { retryable: true, ...options });
  }
}

/** The host's key is not the one expected, or nothing proves that it is. Never retried blindly. */
export class HostKeyError extends DroverError {
  constructor(message: string, options: DroverErrorOptions = {}) {
    super('SSH_HOST_KEY', message, options);
  }
}

/** A remote command did not end in time; it may still run. */
export class CommandTimeoutError extends DroverError {
  constructor(message: string, options: DroverErrorOptions = {}) {
    super('SSH_COMMAND_TIMEOUT', message, { retryable: true, ...options });
  }
}

/** The queue cannot answer now (busy, overloaded, disk full). */
export class QueueUnavailableError extends DroverError {
  readonly retryAfterMs: number | undefined;
  /** True when the queue says it is overloaded (HTTP 503): the dynamic container limit goes down. */
  readonly overloaded: boolean;

  constructor(
    message: string,
    options: DroverErrorOptions & { readonly retryAfterMs?: number; readonly overloaded?: boolean } = {},
  ) {
    super('QUEUE_UNAVAILABLE', message, { retryable: true, ...options });
    this.retryAfterMs = options.retryAfterMs;
    this.overloaded = options.overloaded ?? false;
  }
}

/** The container is not in the state or generation that the operation expects; re-read it, assume nothing. */
export class LockConflictError extends DroverError {
  constructor(message: string, options: DroverErrorOptions = {}) {
    super('QUEUE_LOCK_CONFLICT', message, options);
  }
}

/** No container has this UUID. */
export class ContainerNotFoundError extends DroverError {
  constructor(message: string, options: DroverErrorOptions = {}) {
    super('QUEUE_CONTAINER_NOT_FOUND', message, options);
  }
}

/** One thing that is wrong with a configuration or container file. */
export interface Problem {
  readonly code: ErrorCode;
  /** Dotted path of the setting, e.g. `pool.maxInstances`. */
  readonly path: string;
  readonly message: string;
  readonly fix?: string;
  readonly file?: string;
  /** Both count from 1. */
  readonly line?: number;
  readonly column?: number;
}

/** Everything that is wrong with a file or a request, at once. */
export class ConfigError extends DroverError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[], options: DroverErrorOptions = {}) {
    super(problems[0]?.code ?? 'CONFIG_INVALID', problems.map(describeProblem).join('\n'), options);
    this.problems = problems;
  }
}

function describeProblem(p: Problem): string {
  const place = p.file === undefined ? '' : `${p.file}:${p.line ?? 1}:${p.column ?? 1}  `;
  const fix = p.fix === undefined ? '' : `; ${p.fix}`;
  return `${place}${p.message}${fix}   ${p.code}`;
}
