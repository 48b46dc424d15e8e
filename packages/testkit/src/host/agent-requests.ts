import type { RunnerRequest } from '@drover/spec';

const types = ['hello', 'start', 'kill', 'ack', 'list', 'logs', 'drain', 'renew'] as const;

/** Reads a line that a dispatcher sent; undefined when it is no request. Fields are checked as far as the simulation reads them. */
export function parseRunnerRequest(line: string): RunnerRequest | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  return isRunnerRequest(value) ? value : undefined;
}

function isRunnerRequest(value: unknown): value is RunnerRequest {
  if (!isFields(value) || typeof value['id'] !== 'number') return false;
  const type = types.find((known) => known === value['type']);
  switch (type) {
    case 'hello':
      return areNumbers(value, 'version', 'epoch', 'session', 'afterSequence') && isFields(value['leases']);
    case 'start':
      return isKeyed(value) && isFields(value['container']) && isFields(value['limits']);
    case 'kill':
      return isKeyed(value);
    case 'ack':
      return isKeyed(value) && typeof value['hash'] === 'string';
    case 'logs':
      return isKeyed(value) && areNumbers(value, 'offset', 'maxBytes') && typeof value['stream'] === 'string';
    case 'drain':
      return typeof value['on'] === 'boolean';
    case 'list':
    case 'renew':
      return true;
    case undefined:
    default:
      return false;
  }
}

function isKeyed(value: Readonly<Record<string, unknown>>): boolean {
  return typeof value['uuid'] === 'string' && typeof value['generation'] === 'number';
}

function areNumbers(value: Readonly<Record<string, unknown>>, ...keys: readonly string[]): boolean {
  return keys.every((key) => typeof value[key] === 'number');
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
