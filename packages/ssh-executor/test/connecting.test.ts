import { ConnectError, type Executor } from '@drover/spec';
import { settle } from '@drover/testkit';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import ssh2 from 'ssh2';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { generateSshKeyPair } from '../src/index.ts';
import { realClock } from '@drover/testkit/real-clock';
import { makeExecutor, makeSsh2Harness, type Ssh2Harness } from './ssh2-harness.ts';
import { startSshTestServer } from './ssh-test-server.ts';

const { signal } = new AbortController();
let host: Ssh2Harness;
let executor: Executor;

beforeEach(async () => {
  host = await makeSsh2Harness();
  executor = host.executor;
  executor.setTarget({ ...host.target(), pinnedKeys: [host.hostKey()] });
});

afterEach(async () => {
  await executor.close();
  await host.dispose();
});

test('ssh2 is at least 1.17, where the verifier may be called again; keys are never compared by hash', () => {
  const file = createRequire(import.meta.url).resolve('ssh2/package.json');
  const text: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const version = typeof text === 'object' && text !== null && 'version' in text ? String(text.version) : '';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  expect(major > 1 || (major === 1 && minor >= 17)).toBe(true);
  expect(readFileSync(new URL('../src/handshake.ts', import.meta.url), 'utf8')).not.toContain('hostHash');
});

test('close resets the TCP connection at once, and no socket stays', async () => {
  const running = executor.run({ command: 'exec sleep 60' }, { signal }).catch((error: unknown) => error);
  await expect.poll(() => host.connections()).toBe(1);
  await executor.connect({ signal });
  await executor.close();
  expect(await running).toBeInstanceOf(ConnectError);
  await expect.poll(() => host.server.resets()).toBe(1);
  expect(await host.connections()).toBe(0);
});

test('close during a handshake leaves nothing behind', async () => {
  const connecting = executor.connect({ signal }).catch((error: unknown) => error);
  while (host.server.accepted() === 0) await settle();
  await executor.close();
  expect(await connecting).toBeInstanceOf(ConnectError);
  await expect.poll(() => host.connections()).toBe(0);
});

test('a host that refuses is tried again after 10 to 12 s, never sooner', async () => {
  await executor.close();
  const port = await closedPort();
  const made = makeExecutor();
  executor = made.executor;
  executor.setTarget({ address: '127.0.0.1', port, user: 'drover', pinnedKeys: [] });
  await expect(executor.connect({ signal })).rejects.toThrow('ECONNREFUSED');
  let settled = false;
  const again = executor.connect({ signal }).catch((error: unknown) => {
    settled = true;
    return error;
  });
  await made.clock.advance(9_999);
  expect(settled).toBe(false);
  await made.clock.advance(2_001);
  expect(await again).toBeInstanceOf(ConnectError);
});

test('keys that change during a handshake: the next attempt need not wait as after a failure', async () => {
  const connecting = executor.connect({ signal }).catch((error: unknown) => error);
  while (host.server.accepted() === 0) await settle();
  executor.setTarget(host.target());
  expect(await connecting).toBeInstanceOf(ConnectError);
  const again = executor.connect({ signal });
  await host.clock.advance(1_200);
  expect(await again).toBe(host.hostKey());
});

test('another address is tried at once', async () => {
  const port = await closedPort();
  executor.setTarget({ address: '127.0.0.1', port, user: 'drover', pinnedKeys: [] });
  await expect(executor.connect({ signal })).rejects.toThrow('ECONNREFUSED');
  executor.setTarget(host.target());
  expect(await executor.connect({ signal })).toBe(host.hostKey());
});

test("Nagle's algorithm is off: a round trip does not wait for a delayed acknowledgement", async () => {
  host.server.behaviour.onExec = (_command, channel) => {
    channel.resume();
    channel.exit(0);
    channel.end();
    channel.close();
  };
  await executor.run({ command: 'warm up' }, { signal });
  const startedMs = performance.now();
  for (let i = 0; i < 20; i += 1) await executor.run({ command: 'x' }, { signal });
  // With it on, each takes 40 ms at least on Linux: 800 ms.
  expect(performance.now() - startedMs).toBeLessThan(700);
});

test('a hundred callers share one handshake', async () => {
  await Promise.all(Array.from({ length: 100 }, () => executor.connect({ signal })));
  expect(host.server.accepted()).toBe(1);
});

test('forty executors at one host: at most 8 handshakes at once', async () => {
  const make = makeExecutor().factory;
  const executors = Array.from({ length: 40 }, (_, i) => make(`i-${i}`));
  for (const each of executors) each.setTarget(host.target());
  await Promise.all(executors.map((each) => each.connect({ signal })));
  expect(host.server.peakHandshakes()).toBeLessThanOrEqual(8);
  expect(host.server.accepted()).toBe(40);
  await Promise.all(executors.map((each) => each.close()));
});

test('a server that drops those who are too many: all get in, as long as it is ourselves who crowd it', async () => {
  host.server.behaviour.dropConnections = 15;
  const { factory } = makeExecutor({ clock: realClock, limits: { crowdedRetryMs: 10 } });
  const executors = Array.from({ length: 20 }, (_, i) => factory(`i-${i}`));
  for (const each of executors) each.setTarget(host.target());
  await Promise.all(executors.map((each) => each.connect({ signal })));
  expect(host.server.accepted()).toBe(35);
  await Promise.all(executors.map((each) => each.close()));
});

test('a server that drops the only connection is not tried again before its time', async () => {
  host.server.behaviour.dropConnections = 1;
  await expect(executor.connect({ signal })).rejects.toMatchObject({ code: 'SSH_CONNECT' });
  expect(host.server.accepted()).toBe(1);
});

test.each(['ecdsa', 'rsa', 'encrypted'] as const)('a client key of type %s is accepted by the server', async (type) => {
  const options = { bits: type === 'rsa' ? 2048 : 256 };
  const secret = { passphrase: 'p', cipher: 'aes256-ctr', rounds: 4 };
  const pair = ssh2.utils.generateKeyPairSync(type === 'rsa' ? 'rsa' : 'ecdsa', {
    ...options,
    ...(type === 'encrypted' ? secret : {}),
  });
  const server = await startSshTestServer(pair.public);
  const { executor: own } = makeExecutor({
    privateKey: pair.private,
    ...(type === 'encrypted' && { passphrase: 'p' }),
  });
  own.setTarget({ address: '127.0.0.1', port: server.port, user: 'drover', pinnedKeys: [server.hostKey()] });
  expect((await own.run({ command: 'echo in' }, { signal })).stdout).toBe('in\n');
  await own.close();
  await server.close();
});

test('a key the host does not know: a clear error, tried again later', async () => {
  await executor.close();
  executor = makeExecutor({ privateKey: generateSshKeyPair().privateKeyPem }).executor;
  executor.setTarget(host.target());
  await expect(executor.connect({ signal })).rejects.toMatchObject({
    code: 'SSH_CONNECT',
    retryable: true,
    message: expect.stringContaining('does not accept the SSH key'),
    fix: expect.any(String),
  });
});

test('the agent is never forwarded, even where the environment has one', async () => {
  await executor.run({ command: 'true' }, { signal });
  expect(host.server.requests()).not.toContain('auth-agent');
  expect(host.server.requests()).toContain('exec');
});

test('a pin that cannot be read refuses the host; it does not mean "nothing pinned"', async () => {
  executor.setTarget({ ...host.target(), pinnedKeys: ['garbage'] });
  await expect(executor.connect({ signal })).rejects.toMatchObject({ code: 'SSH_HOST_KEY' });
  expect(host.server.accepted()).toBe(0);
});

test('a key that is proven while another host is being connected to refuses that host', async () => {
  await executor.close();
  executor = makeExecutor().executor;
  executor.setTarget(host.target());
  const print = { command: 'echo x', allowUnverified: true };
  const running = executor.run(print, { signal }).catch((error: unknown) => error);
  while (host.server.accepted() === 0) await settle();
  executor.trust(generateSshKeyPair().publicKeyOpenSsh);
  expect(await running).toMatchObject({ code: 'SSH_HOST_KEY' });
  expect(host.server.requests()).toEqual([]);
});

test('a name with several addresses, none of which answers: the error says so', async () => {
  executor.setTarget({ ...host.target(), address: 'localhost', port: await closedPort() });
  await expect(executor.connect({ signal })).rejects.toThrow('ECONNREFUSED');
});

test('a name that does not exist: the error says so', async () => {
  executor.setTarget({ ...host.target(), address: 'no-such-host.invalid' });
  await expect(executor.connect({ signal })).rejects.toMatchObject({
    code: 'SSH_CONNECT',
    message: expect.stringContaining('no-such-host.invalid'),
  });
});

test('a new address drops the present connection', async () => {
  await executor.run({ command: 'true' }, { signal });
  const running = executor.run({ command: 'exec sleep 60' }, { signal }).catch((error: unknown) => error);
  await settle();
  executor.setTarget({ ...host.target(), address: 'localhost', pinnedKeys: [host.hostKey()] });
  expect(await running).toBeInstanceOf(ConnectError);
  await expect.poll(() => host.connections()).toBe(0);
});

/** A port where nobody listens. */
function closedPort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
