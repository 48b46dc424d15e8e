import { ConnectError, type Executor } from '@drover/spec';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { settle } from '@drover/testkit';
import ssh2, { type ServerChannel } from 'ssh2';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { generateSshKeyPair, type SshLimits } from '../src/index.ts';
import { clientKey, makeExecutor, makeSsh2Harness, type Ssh2Harness } from './ssh2-harness.ts';
import { startSshTestServer } from './ssh-test-server.ts';

const { signal } = new AbortController();
let host: Ssh2Harness;
let executor: Executor;

async function start(limits: Partial<SshLimits> = {}): Promise<void> {
  host = await makeSsh2Harness(limits);
  executor = host.executor;
  executor.setTarget({ ...host.target(), pinnedKeys: [host.hostKey()] });
}

beforeEach(() => start());

afterEach(async () => {
  await executor.close();
  await host.dispose();
});

/** Commands wait until they are ended by the test. */
function holdCommands(): { readonly channels: ServerChannel[]; peak: number } {
  const held: { readonly channels: ServerChannel[]; peak: number } = { channels: [], peak: 0 };
  let open = 0;
  host.server.behaviour.onExec = (_command, channel) => {
    open += 1;
    held.peak = Math.max(held.peak, open);
    held.channels.push(channel);
    channel.resume();
    channel.on('close', () => {
      open -= 1;
    });
  };
  return held;
}

function endWith(channel: ServerChannel | undefined, code: number): void {
  channel?.exit(code);
  channel?.end();
  channel?.close();
}

test('ssh2 is at least 1.17, where the verifier may be called again; keys are never compared by hash', () => {
  const file = createRequire(import.meta.url).resolve('ssh2/package.json');
  const text: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const version = typeof text === 'object' && text !== null && 'version' in text ? String(text.version) : '';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  expect(major > 1 || (major === 1 && minor >= 17)).toBe(true);
  expect(readFileSync(new URL('../src/handshake.ts', import.meta.url), 'utf8')).not.toContain('hostHash');
});

test('at most 6 channels at once; the others run in order as channels end', async () => {
  const held = holdCommands();
  const done: number[] = [];
  const runs = Array.from({ length: 20 }, async (_, i) => {
    await executor.run({ command: String(i) }, { signal });
    done.push(i);
  });
  for (let i = 0; i < 20; i += 1) {
    await expect.poll(() => held.channels.length).toBeGreaterThan(i);
    endWith(held.channels[i], 0);
  }
  await Promise.all(runs);
  expect([held.peak, done]).toEqual([6, Array.from({ length: 20 }, (_, i) => i)]);
});

test('the line for a channel is bounded', async () => {
  holdCommands();
  await executor.connect({ signal });
  const all = Array.from({ length: 6 + 256 + 1 }, () => executor.run({ command: 'x' }, { signal }));
  const outcomes = Promise.allSettled(all);
  await expect(all.at(-1)).rejects.toThrow('256 commands wait');
  await executor.close();
  expect((await outcomes).every((each) => each.status === 'rejected')).toBe(true);
});

test('no exit status means unknown, never failure', async () => {
  host.server.behaviour.withholdExitStatus = true;
  await expect(executor.run({ command: 'exit 0' }, { signal })).rejects.toThrow('not known how the command ended');
});

test('both streams are drained, however much comes', async () => {
  const flood = 'head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2';
  const result = await executor.run({ command: flood, maxOutputBytes: 10 }, { signal });
  expect(result).toMatchObject({ exitCode: 0, truncated: true });
});

test('a command that does not read its stdin ends all the same', async () => {
  const result = await executor.run({ command: 'exit 4', stdin: 'x'.repeat(5_000_000) }, { signal });
  expect(result.exitCode).toBe(4);
});

test('the exit status counts even when it comes in one packet with the start and the end', async () => {
  host.server.behaviour.onExec = (_command, channel) => {
    channel.write('all at once');
    endWith(channel, 5);
  };
  for (let i = 0; i < 20; i += 1) {
    const result = await executor.run({ command: 'x' }, { signal });
    expect(result).toMatchObject({ exitCode: 5, stdout: 'all at once' });
  }
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

test('a frozen peer is found by the keepalive, on real time, where nothing else would find it', async () => {
  await executor.close();
  await host.dispose();
  await start({ keepaliveIntervalMs: 40, keepaliveCountMax: 4 });
  const channel = await executor.open({ command: 'cat' }, { signal });
  const closed = new Promise((resolve) => {
    channel.onClose(resolve);
  });
  host.server.freeze();
  expect(await closed).toBeInstanceOf(ConnectError);
});

test('the defaults of the keepalive are 15 s × 4', async () => {
  const { sshDefaults } = await import('../src/index.ts');
  expect(sshDefaults).toMatchObject({ keepaliveIntervalMs: 15_000, keepaliveCountMax: 4, maxChannels: 6 });
});

test('a request that is not even acknowledged: its deadline rejects it, silence then condemns the connection', async () => {
  await executor.run({ command: 'true' }, { signal });
  host.server.freeze();
  const outcome = executor.run({ command: 'true', timeoutMs: 1_000 }, { signal }).catch((error: unknown) => error);
  await host.clock.advance(1_000);
  expect(await outcome).toMatchObject({ code: 'SSH_COMMAND_TIMEOUT' });
  await expect.poll(() => host.connections()).toBe(1);
  await host.clock.advance(4_000);
  host.server.thaw();
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

test('another address is tried at once', async () => {
  const port = await closedPort();
  executor.setTarget({ address: '127.0.0.1', port, user: 'drover', pinnedKeys: [] });
  await expect(executor.connect({ signal })).rejects.toThrow('ECONNREFUSED');
  executor.setTarget(host.target());
  expect(await executor.connect({ signal })).toBe(host.hostKey());
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

test('a new address drops the present connection', async () => {
  await executor.run({ command: 'true' }, { signal });
  const running = executor.run({ command: 'exec sleep 60' }, { signal }).catch((error: unknown) => error);
  await settle();
  executor.setTarget({ ...host.target(), address: 'localhost', pinnedKeys: [host.hostKey()] });
  expect(await running).toBeInstanceOf(ConnectError);
  await expect.poll(() => host.connections()).toBe(0);
  expect(clientKey.publicKeyOpenSsh).toContain('ssh-ed25519');
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
