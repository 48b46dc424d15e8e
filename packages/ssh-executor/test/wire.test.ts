import { type Executor, HostKeyError } from '@drover/spec';
import { SeededRandom, SimulatedClock } from '@drover/testkit';
import { createServer, type Server, type Socket } from 'node:net';
import ssh2 from 'ssh2';
import { afterEach, expect, test } from 'vitest';
import { createSshExecutorFactory, generateSshKeyPair } from '../src/index.ts';
import { clientKey } from './ssh2-harness.ts';

const { signal } = new AbortController();
let server: Server | undefined;
let executor: Executor | undefined;

afterEach(async () => {
  await executor?.close();
  server?.close();
});

/** Connects an executor to a TCP server of the test's own. */
async function connectTo(serve: (socket: Socket) => void, pinnedKeys: readonly string[]): Promise<unknown> {
  const started = createServer((socket) => {
    socket.on('error', () => undefined);
    serve(socket);
  });
  server = started;
  await new Promise<void>((resolve) => {
    started.listen(0, '127.0.0.1', resolve);
  });
  const address = started.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  executor = createSshExecutorFactory({
    privateKey: clientKey.privateKeyPem,
    clock: new SimulatedClock(),
    random: new SeededRandom(1),
  })('i-1');
  executor.setTarget({ address: '127.0.0.1', port: address.port, user: 'drover', pinnedKeys });
  return executor.connect({ signal }).catch((error: unknown) => error);
}

/** What a client offers: the ten name-lists of its KEXINIT packet (RFC 4253, section 7.1), which travels in clear. */
async function offeredTo(pinnedKeys: readonly string[]): Promise<readonly (readonly string[])[]> {
  let received = Buffer.alloc(0);
  await connectTo((socket) => {
    socket.write('SSH-2.0-test\r\n');
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      const start = received.indexOf('\r\n') + 2;
      if (start > 1 && received.length >= start + 4 && received.length >= start + 4 + received.readUInt32BE(start)) {
        socket.destroy();
      }
    });
  }, pinnedKeys);
  // After the identification line: packet length (4), padding length (1), message number (1), cookie (16), the lists.
  let at = received.indexOf('\r\n') + 2 + 4 + 1;
  expect(received[at]).toBe(20);
  at += 17;
  return Array.from({ length: 10 }, () => {
    const length = received.readUInt32BE(at);
    const list = received.toString('latin1', at + 4, at + 4 + length);
    at += 4 + length;
    return list === '' ? [] : list.split(',');
  });
}

test('only AEAD ciphers are offered, no compression, and strict key exchange', async () => {
  const [kex, , toServer, toClient, , , compressToServer, compressToClient] = await offeredTo([]);
  expect(toServer).toEqual(['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com']);
  expect(toClient).toEqual(toServer);
  expect([compressToServer, compressToClient]).toEqual([['none'], ['none']]);
  expect(kex).toContain('kex-strict-c-v00@openssh.com');
  expect(kex?.filter((name) => /sha1|group1-|group14/.test(name))).toEqual([]);
});

test('the host key algorithms are those of the pinned types', async () => {
  const ed25519 = generateSshKeyPair().publicKeyOpenSsh;
  expect((await offeredTo([ed25519]))[1]).toEqual(['ssh-ed25519']);
});

test('an rsa pin allows its SHA-2 signatures only', async () => {
  const rsa = ssh2.utils.generateKeyPairSync('rsa', { bits: 2048 }).public;
  expect((await offeredTo([rsa]))[1]).toEqual(['rsa-sha2-512', 'rsa-sha2-256']);
});

test('a host without a key of the pinned type is refused as a wrong host', async () => {
  const rsa = ssh2.utils.generateKeyPairSync('rsa', { bits: 2048 });
  const ssh = new ssh2.Server({ hostKeys: [rsa.private] }, (client) => client.on('error', () => undefined));
  const outcome = await connectTo((socket) => ssh.injectSocket(socket), [generateSshKeyPair().publicKeyOpenSsh]);
  expect(outcome).toBeInstanceOf(HostKeyError);
});

test.each([
  ['says nothing and leaves', (socket: Socket) => socket.destroy()],
  ['resets', (socket: Socket) => socket.resetAndDestroy()],
  ['is no SSH server', (socket: Socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ['speaks SSH 1', (socket: Socket) => socket.end('SSH-1.5-old\r\n')],
  ['sends garbage after its name', (socket: Socket) => socket.write(`SSH-2.0-x\r\n${'\xff'.repeat(5000)}`)],
  [
    'sends garbage and resets',
    (socket: Socket) => socket.write(`SSH-2.0-x\r\n${'garbage'.repeat(900)}`, () => socket.resetAndDestroy()),
  ],
  ['sends an endless greeting', (socket: Socket) => socket.write('welcome\r\n'.repeat(20_000))],
  [
    'disconnects with a reason',
    (socket: Socket) => {
      const ssh = new ssh2.Server({ hostKeys: [generateSshKeyPair().privateKeyPem] }, (client) => {
        client.on('error', () => undefined);
        client.on('handshake', () => client.end());
      });
      ssh.injectSocket(socket);
    },
  ],
])('a peer that %s: a ConnectError, and nothing is left behind', async (_name, serve) => {
  let closed = false;
  const outcome = await connectTo((socket) => {
    socket.on('close', () => {
      closed = true;
    });
    serve(socket);
  }, []);
  expect(outcome).toMatchObject({ code: 'SSH_CONNECT', retryable: true });
  await expect.poll(() => closed).toBe(true);
});
