/** A refusal of a call, as Google words it. */
export class Refusal extends Error {
  readonly status: number;
  readonly reason: string;
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, reason: string, message: string, retryAfterSeconds?: number) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.reason = reason;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** The body of the answer. */
  body(): string {
    const { status, reason, message } = this;
    return JSON.stringify({ error: { code: status, message, errors: [{ message, domain: 'global', reason }] } });
  }
}

/** Something that is named in a path does not exist. */
export function notFound(resource: string): Refusal {
  return new Refusal(404, 'notFound', `The resource '${resource}' was not found`);
}

/** A value in the body is not one that Google takes. */
export function invalid(field: string, value: string, why: string): Refusal {
  return new Refusal(400, 'invalid', `Invalid value for field '${field}': '${value}'. ${why}`);
}

/** The caller may not do this. */
export function forbidden(permission: string, resource: string): Refusal {
  return new Refusal(403, 'forbidden', `Required '${permission}' permission for '${resource}'`);
}
