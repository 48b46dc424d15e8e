/** What the SDK tells about an error. */
export interface SdkErrorFacts {
  /** AWS's code, or the system's for a fault of the network; empty when there is none. */
  readonly code: string;
  readonly message: string;
  /** Undefined: there was no answer. */
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
}

/** Reads what the SDK, the network or anything else has thrown. */
export function factsOf(error: unknown): SdkErrorFacts {
  if (!(error instanceof Error))
    return { code: '', message: String(error), status: undefined, retryAfterMs: undefined };
  const metadata: unknown = Object(error)['$metadata'];
  const status: unknown = Object(metadata)['httpStatusCode'];
  const systemCode: unknown = Object(error)['code'];
  const isAnswer = typeof status === 'number';
  const code = isAnswer || typeof systemCode !== 'string' ? error.name : systemCode;
  return {
    code: code === 'Error' || code === 'UnknownError' ? '' : code,
    message: error.message === '' ? 'no reason was given' : error.message,
    status: isAnswer ? status : undefined,
    retryAfterMs: retryAfterMsOf(error),
  };
}

/** AWS's code of an error that the SDK threw; empty when it has none. */
export function awsCode(error: unknown): string {
  return factsOf(error).code;
}

function retryAfterMsOf(error: Error): number | undefined {
  const headers: unknown = Object(Object(error)['$response'])['headers'];
  const seconds = Number(Object(headers)['retry-after']);
  return seconds > 0 ? seconds * 1_000 : undefined;
}
