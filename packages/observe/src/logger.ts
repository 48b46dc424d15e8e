import type { DispatchEvent } from '@drover/spec';
import { type DestinationStream, type Logger, pino } from 'pino';
import { fieldsOf, type LogLevel, levelOf } from './log-events.ts';

export interface LoggerOptions {
  readonly level: LogLevel | 'silent';
  /** Default: standard error, so that standard output stays payload. */
  readonly destination?: DestinationStream;
  /** Values that must never appear, wherever they turn up: tokens, passphrases. */
  readonly secrets?: readonly string[];
}

/** Field names whose values are never written. */
const redactedKeys = ['token', 'secret', 'password', 'passphrase', 'privateKey', 'authorization', 'gatewaySecret'];

/** JSON logs of typed events. pino: the fastest well-kept JSON logger, with redaction built in. */
export function createLogger(options: LoggerOptions): {
  readonly observe: (event: DispatchEvent) => void;
  readonly log: Logger;
} {
  const log = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: redactedKeys.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: '[redacted]' },
      hooks: { streamWrite: (line) => withoutSecrets(line, options.secrets ?? []) },
    },
    options.destination ?? pino.destination({ dest: 2, sync: false }),
  );
  return {
    log,
    observe(event) {
      // Most events are below the level, and some come thousands of times a second.
      const level = levelOf(event);
      if (log.isLevelEnabled(level)) log[level](fieldsOf(event), event.type);
    },
  };
}

/** Removes known secret values from a line, also as JSON would escape them. */
function withoutSecrets(line: string, secrets: readonly string[]): string {
  let clean = line;
  for (const secret of secrets) {
    if (secret === '') continue;
    clean = clean.replaceAll(secret, '[redacted]');
    clean = clean.replaceAll(JSON.stringify(secret).slice(1, -1), '[redacted]');
  }
  return clean;
}
