import type { DispatchEvent } from '@drover/spec';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

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
  pass: 'debug',
  probe: 'debug',
};

/** An event's data as fields of its line, whose message is the event's type; errors by code and text. */
export function fieldsOf(event: DispatchEvent): Readonly<Record<string, unknown>> {
  const { type: _, ...rest } = event;
  const fields: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(rest)) {
    if (value !== undefined) fields[key] = value instanceof Error ? errorFields(value) : readable(key, value);
  }
  return fields;
}

/** Times come from a clock with more digits than anybody reads; a thousandth of a millisecond is plenty. */
function readable(key: string, value: unknown): unknown {
  return typeof value === 'number' && key.endsWith('Ms') ? Math.round(value * 1_000) / 1_000 : value;
}

/** How much an event matters. */
export function levelOf(event: DispatchEvent): LogLevel {
  if (event.type === 'cloud-call') return event.error === undefined ? 'debug' : 'warn';
  if (event.type === 'boot-outcome') return event.outcome === 'failure' ? 'warn' : 'info';
  return levels[event.type] ?? 'info';
}

function errorFields(error: Error): Record<string, unknown> {
  const code = 'code' in error ? { code: error.code } : {};
  const fix = 'fix' in error && error.fix !== undefined ? { fix: error.fix } : {};
  return { ...code, message: error.message, ...fix };
}
