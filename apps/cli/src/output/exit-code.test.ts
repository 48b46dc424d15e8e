import { AuthError, ConfigError, DroverError, type ErrorCode } from '@drover/spec';
import { describe, expect, it } from 'vitest';
import { Exit, exitCodeOf } from './exit-code.ts';

describe('exitCodeOf', () => {
  it.each<readonly [ErrorCode, number]>([
    ['CLI_USAGE', 2],
    ['CONFIG_UNKNOWN_KEY', 2],
    ['CONTAINER_TOO_LARGE', 2],
    ['API_TOKEN_REQUIRED', 2],
    ['SSH_KEY_UNREADABLE', 2],
    ['CONTAINER_UNSATISFIABLE', 3],
    ['API_UNAUTHENTICATED', 4],
    ['API_FORBIDDEN', 4],
    ['API_UNREACHABLE', 1],
    ['QUEUE_IN_USE', 1],
    ['API_PORT_IN_USE', 1],
  ])('%s → %d', (code, exitCode) => expect(exitCodeOf(new DroverError(code, 'x'))).toBe(exitCode));

  it('goes by the first problem of a file', () => {
    expect(exitCodeOf(new ConfigError([{ code: 'CONFIG_SYNTAX', path: '', message: 'x' }]))).toBe(2);
  });

  it.each([
    [new Exit(130), 130],
    [new AuthError('x'), 1],
    [new Error('x'), 1],
    ['text', 1],
  ])('%s → %d', (error, exitCode) => expect(exitCodeOf(error)).toBe(exitCode));
});
