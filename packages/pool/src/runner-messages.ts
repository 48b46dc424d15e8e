import type {
  InlineLog,
  LogSummary,
  RefusalCode,
  RunnerContainer,
  RunnerMessage,
  RunnerStatus,
  RunResult,
} from '@drover/spec';

type Fields = Readonly<Record<string, unknown>>;

/** Reads one line from a runner; undefined when it is not a message of the protocol. */
export function parseRunnerMessage(line: string): RunnerMessage | undefined {
  const value = parseJson(line);
  return isRunnerMessage(value) ? value : undefined;
}

/** Reads the output of a runner's list command; undefined when it is not a status. */
export function parseRunnerStatus(output: string): RunnerStatus | undefined {
  const value = parseJson(output.trim());
  return isStatus(value) ? value : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRunnerMessage(value: unknown): value is RunnerMessage {
  if (!isFields(value)) return false;
  switch (value['type']) {
    case 'ok':
      return isCount(value['id']);
    case 'refused':
      return isCount(value['id']) && isRefusalCode(value['code']) && isText(value['message']);
    case 'status':
      return isCount(value['id']) && isStatus(value['status']);
    case 'logs':
      return (
        isCount(value['id']) && isCount(value['offset']) && isText(value['base64']) && typeof value['end'] === 'boolean'
      );
    case 'started':
      return isRunEvent(value) && isNumber(value['startedAtMs']);
    case 'finished':
      return (
        isRunEvent(value) && isResult(value['result']) && isText(value['hash']) && isArrayOf(value['logs'], isInlineLog)
      );
    case 'broken':
      return isCount(value['sequence']) && isText(value['reason']);
    case 'preempted':
      return isCount(value['sequence']) && isText(value['detail']);
    default:
      return false;
  }
}

function isRunEvent(value: Fields): boolean {
  return isCount(value['sequence']) && isText(value['uuid']) && isCount(value['generation']);
}

function isStatus(value: unknown): value is RunnerStatus {
  return (
    isFields(value) &&
    isCount(value['sequence']) &&
    isText(value['bootId']) &&
    isArrayOf(value['containers'], isContainer) &&
    typeof value['draining'] === 'boolean' &&
    isOptional(value['broken'], isText) &&
    isOptional(value['preemptionNotice'], isText) &&
    isText(value['version'])
  );
}

function isContainer(value: unknown): value is RunnerContainer {
  return (
    isFields(value) &&
    isText(value['uuid']) &&
    isCount(value['generation']) &&
    (value['state'] === 'starting' ||
      value['state'] === 'running' ||
      value['state'] === 'stale' ||
      value['state'] === 'finished') &&
    isOptional(value['startedAtMs'], isNumber) &&
    isOptional(value['gpuDevices'], (devices) => isArrayOf(devices, isCount)) &&
    isOptional(value['result'], isResult) &&
    isOptional(value['hash'], isText)
  );
}

function isResult(value: unknown): value is RunResult {
  return (
    isFields(value) &&
    isOptional(value['exitCode'], isNumber) &&
    isOptional(value['signal'], isText) &&
    isOptional(value['startError'], isText) &&
    isOptional(value['peakRamBytes'], isNumber) &&
    (['oom', 'timedOut', 'killed', 'preempted', 'unknown'] as const).every((key) => typeof value[key] === 'boolean') &&
    isNumber(value['startedAtMs']) &&
    isNumber(value['finishedAtMs']) &&
    isArrayOf(value['logs'], isLogSummary)
  );
}

function isLogSummary(value: unknown): value is LogSummary {
  return (
    isFields(value) &&
    isStream(value['stream']) &&
    isCount(value['sizeBytes']) &&
    isCount(value['droppedBytes']) &&
    isText(value['sha256'])
  );
}

function isInlineLog(value: unknown): value is InlineLog {
  return isFields(value) && isStream(value['stream']) && isText(value['base64']);
}

/** A record, so that the compiler misses none. */
const refusalCodes: Readonly<Record<RefusalCode, true>> = {
  superseded: true,
  'stale-generation': true,
  'older-generation': true,
  draining: true,
  'lease-expired': true,
  broken: true,
  'already-finished': true,
  'hash-mismatch': true,
  'not-found': true,
  'bad-request': true,
  version: true,
};

function isRefusalCode(value: unknown): value is RefusalCode {
  return typeof value === 'string' && Object.hasOwn(refusalCodes, value);
}

function isStream(value: unknown): boolean {
  return value === 'stdout' || value === 'stderr';
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isCount(value: unknown): value is number {
  return isNumber(value) && Number.isInteger(value) && value >= 0;
}

function isOptional(value: unknown, check: (value: unknown) => boolean): boolean {
  return value === undefined || check(value);
}

function isArrayOf<T>(value: unknown, check: (value: unknown) => value is T): value is readonly T[] {
  return Array.isArray(value) && value.every((item) => check(item));
}
