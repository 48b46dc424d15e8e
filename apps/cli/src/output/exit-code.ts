import { DroverError, type ErrorCode } from '@drover/spec';

/** What the process ends with. */
export const exitCodes = {
  ok: 0,
  error: 1,
  usage: 2,
  notSchedulable: 3,
  notAuthorised: 4,
  /** `run` could not do its part; everything else is the container's own code. */
  runFailed: 125,
  interrupted: 130,
} as const;

/** Thrown to end with a code when everything has been said already. */
export class Exit extends Error {
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`exit ${exitCode}`);
    this.exitCode = exitCode;
  }
}

const usageCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'CLI_USAGE',
  'CONFIG_INVALID',
  'CONFIG_SYNTAX',
  'CONFIG_UNKNOWN_KEY',
  'CONFIG_WRONG_TYPE',
  'CONFIG_UNIT_MISSING',
  'CONFIG_UNKNOWN_DRIVER',
  'CONFIG_UNREADABLE',
  'SSH_KEY_UNREADABLE',
  'CONTAINER_INVALID',
  'CONTAINER_TOO_LARGE',
  'TRACE_INVALID',
  'TRACE_UNREADABLE',
  'API_BAD_REQUEST',
  'API_TOO_LARGE',
  'API_TOKEN_REQUIRED',
  'SIMULATION_SETTING_INVALID',
  'SIMULATION_PLAN_INVALID',
]);

/** The exit code that an error stands for. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof Exit) return error.exitCode;
  if (!DroverError.is(error)) return exitCodes.error;
  if (usageCodes.has(error.code)) return exitCodes.usage;
  if (error.code === 'CONTAINER_UNSATISFIABLE') return exitCodes.notSchedulable;
  if (error.code === 'API_UNAUTHENTICATED' || error.code === 'API_FORBIDDEN') return exitCodes.notAuthorised;
  return exitCodes.error;
}
