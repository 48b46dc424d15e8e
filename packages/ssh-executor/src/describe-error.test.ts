import { CommandTimeoutError, ConnectError, DroverError } from '@drover/spec';
import { expect, test } from 'vitest';
import { toConnectError } from './describe-error.ts';

const refused = Object.assign(new Error('All configured authentication methods failed'), {
  level: 'client-authentication',
});

test.each([
  ['an error', new Error('connect ECONNREFUSED 10.0.0.1:22'), 'vm: connect ECONNREFUSED 10.0.0.1:22'],
  ['an error without text', Object.assign(new Error(''), { code: 'ECONNRESET' }), 'vm: ECONNRESET'],
  ['one per address', new AggregateError([new Error('a refused'), new Error('b refused')]), 'vm: a refused; b refused'],
  ['something else', 'odd', 'vm: odd'],
  ['a refused key', refused, 'vm: the host does not accept the SSH key'],
])('%s becomes a ConnectError that may be retried', (_name, error, message) => {
  const result = toConnectError(error, 'vm');
  expect(result).toBeInstanceOf(ConnectError);
  expect(result).toMatchObject({ message, retryable: true, cause: error });
});

test("drover's own errors stay what they are", () => {
  for (const error of [new CommandTimeoutError('late'), new DroverError('SSH_HOST_KEY', 'other')]) {
    expect(toConnectError(error, 'vm')).toBe(error);
  }
});
