import { DroverError, type ErrorCode, errorCodes, type Problem } from '@drover/spec';
import { problemMediaType, problemSchema } from '../schemas/problem-schema.ts';

/** An error that the API answered with. */
export class ApiError extends DroverError {
  /** HTTP status. */
  readonly status: number;
  /** Everything that is wrong with the request, when it is about that. */
  readonly problems: readonly Problem[];

  constructor(
    code: ErrorCode,
    message: string,
    options: {
      readonly status: number;
      readonly retryable: boolean;
      readonly fix?: string;
      readonly problems?: readonly Problem[];
    },
  ) {
    super(code, message, options);
    this.status = options.status;
    this.problems = options.problems ?? [];
  }
}

/** The error that a response with a status of 400 or more stands for. */
export async function errorOf(response: Response): Promise<DroverError> {
  const { status } = response;
  const isProblem = response.headers.get('content-type')?.startsWith(problemMediaType) === true;
  const parsed = isProblem ? problemSchema.safeParse(await jsonOf(response)) : undefined;
  if (parsed?.success !== true) return notDrover(new URL(response.url).origin, `it answers with HTTP ${status}`);
  const { code, detail, retryable, fix, problems = [] } = parsed.data;
  return new ApiError(knownCode(code), detail, {
    status,
    retryable,
    ...(fix === undefined ? {} : { fix }),
    problems: problems.map((problem) => ({ ...problem, code: knownCode(problem.code) })),
  });
}

/** For an answer that drover would not give. */
export function notDrover(url: string, why: string): DroverError {
  return new DroverError(
    'API_UNREACHABLE',
    `what answers at ${url} is not a drover dispatcher of this version: ${why}`,
    {
      fix: 'check the URL and the versions',
    },
  );
}

/** For no answer at all. Where nobody listens, the next try a moment later finds nobody either. */
export function unreachable(url: string, cause: unknown): DroverError {
  const retryable = !['ECONNREFUSED', 'ENOTFOUND'].includes(codeOf(cause) ?? '');
  return new DroverError('API_UNREACHABLE', `no dispatcher answers at ${url}: ${reasonOf(cause)}`, {
    retryable,
    fix: 'start one with "drover dev" or "drover up", or name another with --url or DROVER_URL',
    cause,
  });
}

async function jsonOf(response: Response): Promise<unknown> {
  try {
    const value: unknown = await response.json();
    return value;
  } catch {
    return undefined;
  }
}

/** A newer dispatcher may know codes that this client does not. */
function knownCode(code: string): ErrorCode {
  return isErrorCode(code) ? code : 'INTERNAL';
}

function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(errorCodes, text);
}

/** fetch hides what went wrong in the cause. */
function innerOf(error: Error): Error {
  return error.cause instanceof Error ? error.cause : error;
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const inner = innerOf(error);
  return 'code' in inner && typeof inner.code === 'string' ? inner.code : undefined;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = codeOf(error);
  const words: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'connection refused',
    ENOTFOUND: 'the name is not known',
    ECONNRESET: 'the connection was reset',
    UND_ERR_SOCKET: 'the connection was closed',
    ETIMEDOUT: 'it does not answer in time',
  };
  if (error.name === 'TimeoutError') return 'it does not answer in time';
  return (code === undefined ? undefined : words[code]) ?? innerOf(error).message;
}
