import { QuotaError } from '@drover/spec';
import { expect, test } from 'vitest';
import { createLogger } from './logger.ts';

function capture(secrets: readonly string[] = []): {
  lines: Record<string, unknown>[];
  logger: ReturnType<typeof createLogger>;
} {
  const lines: Record<string, unknown>[] = [];
  const destination = {
    write(text: string): void {
      const parsed: unknown = JSON.parse(text);
      lines.push(Object.fromEntries(Object.entries(Object(parsed))));
    },
  };
  return { lines, logger: createLogger({ level: 'debug', destination, secrets }) };
}

test('an event becomes one line: type, level and fields, errors by code', () => {
  const { lines, logger } = capture();
  logger.observe({ type: 'quota-reached', instances: 3, error: new QuotaError('no more', { fix: 'ask for more' }) });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({
    level: 'warn',
    msg: 'quota-reached',
    instances: 3,
    error: { code: 'CLOUD_QUOTA', message: 'no more', fix: 'ask for more' },
  });
});

test('times come with as many digits as one reads', () => {
  const { lines, logger } = capture();
  logger.observe({ type: 'dispatcher-ready', instances: 0, containers: 0, tookMs: 31.326133000000027 });
  expect(lines[0]).toMatchObject({ tookMs: 31.326 });
});

test('planted secrets do not reach the log, by key, by value, or inside an error', () => {
  const canary = 'canary-"9f3e"';
  const { lines, logger } = capture([canary]);
  logger.log.info({ token: 'by-key', nested: { passphrase: 'by-key' } }, 'start');
  logger.observe({ type: 'queue-error', operation: 'poll', error: new Error(`GET /?t=${canary} failed`) });
  const text = JSON.stringify(lines);
  expect(text).not.toContain('by-key');
  expect(text).not.toContain('9f3e');
  expect(text).toContain('[redacted]');
});

test('levels below the configured one are not written', () => {
  const lines: string[] = [];
  const logger = createLogger({ level: 'warn', destination: { write: (text) => lines.push(text) } });
  logger.observe({ type: 'dispatcher-stopping', drain: false });
  logger.observe({ type: 'instance-broken', instanceId: 'i-1', reason: 'disk' });
  expect(lines).toHaveLength(1);
});
