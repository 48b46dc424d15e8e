import type { DispatchEvent } from '@drover/spec';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** One line of the log. */
export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

const levels: Readonly<Partial<Record<DispatchEvent['type'], LogLevel>>> = {
  'leadership-lost': 'error',
  'host-key-mismatch': 'error',
  'queue-error': 'warn',
  'create-failed': 'warn',
  'quota-reached': 'warn',
  'capacity-unavailable': 'warn',
  'cloud-hold': 'warn',
  'instance-broken': 'warn',
  'instance-preempted': 'warn',
  'container-start-failed': 'warn',
  'container-unkillable': 'warn',
  'container-starting': 'debug',
  'container-waits': 'debug',
  pass: 'debug',
  probe: 'debug',
};

/** An event as a log line: its type as the message, its data as fields, errors by code and text. */
export function logLine(event: DispatchEvent): LogLine {
  const { type, ...rest } = event;
  const fields: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(rest)) {
    if (value !== undefined) fields[key] = value instanceof Error ? errorFields(value) : value;
  }
  return { level: levelOf(event), message: type, fields };
}

function levelOf(event: DispatchEvent): LogLevel {
  if (event.type === 'cloud-call') return event.error === undefined ? 'debug' : 'warn';
  if (event.type === 'boot-outcome') return event.outcome === 'failure' ? 'warn' : 'info';
  return levels[event.type] ?? 'info';
}

function errorFields(error: Error): Record<string, unknown> {
  const code = 'code' in error ? { code: error.code } : {};
  const fix = 'fix' in error && error.fix !== undefined ? { fix: error.fix } : {};
  return { ...code, message: error.message, ...fix };
}
