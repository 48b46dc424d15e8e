/** What else an error of Azure Resource Manager says. */
export interface ArmErrorOptions {
  readonly target?: string;
  readonly details?: readonly { readonly code: string; readonly target?: string; readonly message: string }[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** An error as Azure answers it: `{"error": {"code", "message"}}` with this status. */
export class ArmError extends Error {
  readonly status: number;
  readonly code: string;
  readonly options: ArmErrorOptions;

  constructor(status: number, code: string, message: string, options: ArmErrorOptions = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.options = options;
  }

  get body(): Readonly<Record<string, unknown>> {
    const { target, details } = this.options;
    return {
      error: {
        ...(details === undefined ? {} : { details }),
        code: this.code,
        message: this.message,
        ...(target === undefined ? {} : { target }),
      },
    };
  }
}

export function resourceNotFound(kind: string, name: string, resourceGroup: string): ArmError {
  return new ArmError(
    404,
    'ResourceNotFound',
    `The Resource '${kind}/${name}' under resource group '${resourceGroup}' was not found.`,
  );
}

/** Too many calls, as Microsoft.Compute says it; without `retryAfterSeconds` only the details tell when it ends. */
export function tooManyRequests(endIso: string, retryAfterSeconds?: number): ArmError {
  const detail = {
    operationGroup: 'HighCostGet30Min',
    startTime: endIso,
    endTime: endIso,
    allowedRequestCount: 800,
    measuredRequestCount: 1238,
  };
  return new ArmError(
    429,
    'OperationNotAllowed',
    'The server rejected the request because too many requests have been received.',
    {
      details: [{ code: 'TooManyRequests', target: 'HighCostGet30Min', message: JSON.stringify(detail) }],
      ...(retryAfterSeconds === undefined ? {} : { headers: { 'retry-after': String(retryAfterSeconds) } }),
    },
  );
}

/** A quota of cores that a create would exceed; `quota` as Azure names it, e.g. `standardDSv3Family Cores`. */
export function overQuota(quota: string, location: string, limit: number, used: number, wanted: number): ArmError {
  return new ArmError(
    409,
    'OperationNotAllowed',
    `Operation could not be completed as it results in exceeding approved ${quota} quota. Additional details - Deployment ` +
      `Model: Resource Manager, Location: ${location}, Current Limit: ${limit}, Current Usage: ${used}, Additional ` +
      `Required: ${wanted}, (Minimum) New Limit Required: ${used + wanted}. Submit a request for Quota increase.`,
  );
}
