import { DroverError, type Executor } from '@drover/spec';
import { expect, test } from 'vitest';
import { proveHost } from './host-identity.ts';

const key = 'ssh-ed25519 AAAA';

/** An executor that drops its connection like the real one: when keys are pinned that are not the trusted ones. */
function executor(): Executor & { connections: number; expectKeys(keys: readonly string[]): void } {
  let [trusted, open] = ['', false];
  return {
    connections: 0,
    expectKeys(keys) {
      if (keys.length > 0 && !keys.includes(trusted)) open = false;
    },
    setTarget: () => undefined,
    async connect() {
      if (!open) this.connections += 1;
      open = true;
      return key;
    },
    trust(proven) {
      trusted = proven;
    },
    run: () => Promise.reject(new DroverError('INTERNAL', 'not used')),
    open: () => Promise.reject(new DroverError('INTERNAL', 'not used')),
    close: async () => undefined,
  };
}

test('proving a host leaves the connection open that it was proven on', async () => {
  const host = executor();
  await proveHost({
    instanceId: 'i-1',
    executor: host,
    expectKeys: (keys) => host.expectKeys(keys),
    pins: { get: () => undefined, set: async () => undefined },
    hostKeys: async () => [key],
    secret: '',
    secretPath: '/secret',
    user: 'root',
    withDeadline: (call) => call(new AbortController().signal),
    signal: new AbortController().signal,
  });
  await host.connect({ signal: new AbortController().signal });
  expect(host.connections).toBe(1);
});
