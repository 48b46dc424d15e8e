import { type ChildProcess, spawn } from 'node:child_process';
import { type AddressInfo, connect, createServer, type Server as TcpServer, type Socket } from 'node:net';
import ssh2, { type Connection, type ServerChannel } from 'ssh2';
import { generateSshKeyPair } from '../src/ssh-key.ts';

/** How the test server behaves; may be changed while it runs. */
export interface ServerBehaviour {
  /** Sockets that may be reached by stream-local forwarding. */
  allowStreamLocal: boolean;
  /** Sessions per connection; more are refused, as by sshd's MaxSessions. */
  maxSessions: number;
  /** Executed, but the exit status is lost. */
  withholdExitStatus: boolean;
  /** So many of the next connections are ended before a word is said, as by sshd's MaxStartups. */
  dropConnections: number;
  /** Instead of a shell. */
  onExec: ((command: string, channel: ServerChannel) => void) | undefined;
}

/** A small SSH server on 127.0.0.1 that really runs commands, with the faults that tests need. */
export interface SshTestServer {
  readonly port: number;
  readonly behaviour: ServerBehaviour;
  /** `<type> <base64>`. */
  hostKey(): string;
  /** Another host key from the next connection on. */
  changeHostKey(): void;
  /** TCP connections that are open. */
  connections(): number;
  /** TCP connections that there ever were. */
  accepted(): number;
  /** TCP connections that the other side has reset. */
  resets(): number;
  /** The most connections that were between TCP accept and the end of authentication at one time. */
  peakHandshakes(): number;
  /** Types of the requests that clients have made. */
  requests(): readonly string[];
  /** Resets all connections. */
  reset(): void;
  /** Reads nothing more from the present connections, like a stopped process. */
  freeze(): void;
  thaw(): void;
  close(): Promise<void>;
}

/** Starts one that lets `publicKey` (`<type> <base64>`) in. */
export async function startSshTestServer(publicKey: string): Promise<SshTestServer> {
  const behaviour: ServerBehaviour = {
    allowStreamLocal: true,
    maxSessions: 10,
    withholdExitStatus: false,
    dropConnections: 0,
    onExec: undefined,
  };
  const sockets = new Set<Socket>();
  const children = new Set<ChildProcess>();
  let host = generateSshKeyPair();
  const requests: string[] = [];
  let accepted = 0;
  let resets = 0;
  let handshakes = 0;
  let peakHandshakes = 0;
  const tcp = createServer((socket) => {
    accepted += 1;
    if (behaviour.dropConnections > 0) {
      behaviour.dropConnections -= 1;
      socket.on('error', () => undefined);
      socket.end('Exceeded MaxStartups\r\n');
      return;
    }
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', (error) => {
      if ('code' in error && error.code === 'ECONNRESET') resets += 1;
    });
    handshakes += 1;
    peakHandshakes = Math.max(peakHandshakes, handshakes);
    let shaking = true;
    const shaken = (): void => {
      if (shaking) handshakes -= 1;
      shaking = false;
    };
    socket.on('close', () => {
      sockets.delete(socket);
      shaken();
    });
    const ssh = new ssh2.Server({ hostKeys: [host.privateKeyPem] }, (client) => {
      client.on('ready', shaken);
      serve(client, { publicKey, behaviour, children, requests });
    });
    ssh.injectSocket(socket);
  });
  const port = await listen(tcp);
  return {
    port,
    behaviour,
    hostKey: () => host.publicKeyOpenSsh.split(' ').slice(0, 2).join(' '),
    changeHostKey: () => {
      host = generateSshKeyPair();
    },
    connections: () => sockets.size,
    accepted: () => accepted,
    resets: () => resets,
    peakHandshakes: () => peakHandshakes,
    requests: () => requests,
    freeze: () => {
      for (const socket of sockets) socket.pause();
    },
    thaw: () => {
      for (const socket of sockets) socket.resume();
    },
    reset: () => {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    close: () =>
      new Promise((resolve) => {
        for (const child of children) child.kill('SIGKILL');
        for (const socket of sockets) socket.destroy();
        tcp.close(() => resolve());
      }),
  };
}

function listen(tcp: TcpServer): Promise<number> {
  return new Promise((resolve, reject) => {
    tcp.on('error', reject);
    tcp.listen(0, '127.0.0.1', () => {
      const address: AddressInfo | string | null = tcp.address();
      if (typeof address === 'object' && address !== null) resolve(address.port);
      else reject(new Error('the test server has no port'));
    });
  });
}

interface World {
  readonly publicKey: string;
  readonly behaviour: ServerBehaviour;
  readonly children: Set<ChildProcess>;
  readonly requests: string[];
}

function serve(client: Connection, world: World): void {
  const { publicKey, behaviour, children, requests } = world;
  let sessions = 0;
  client.on('error', () => undefined);
  client.on('authentication', (context) => {
    if (context.method !== 'publickey') return context.reject(['publickey']);
    const allowed = ssh2.utils.parseKey(publicKey);
    if (allowed instanceof Error || !context.key.data.equals(allowed.getPublicSSH())) return context.reject([]);
    if (context.signature === undefined || context.blob === undefined) return context.accept();
    return allowed.verify(context.blob, context.signature, context.hashAlgo) ? context.accept() : context.reject([]);
  });
  client.on('session', (accept, reject) => {
    if (sessions >= behaviour.maxSessions) {
      reject();
      return;
    }
    sessions += 1;
    const session = accept();
    session.on('close', () => {
      sessions -= 1;
    });
    session.on('exec', (acceptExec, _reject, info) => {
      requests.push('exec');
      const channel = acceptExec();
      if (behaviour.onExec === undefined) runShell(info.command, channel, behaviour, children);
      else behaviour.onExec(info.command, channel);
    });
    session.on('auth-agent', () => requests.push('auth-agent'));
  });
  client.on('tcpip', (accept, reject, info) => {
    const target = connect(info.destPort, info.destIP);
    target.setNoDelay(true);
    target.once('connect', () => {
      const channel = accept();
      target.pipe(channel);
      channel.pipe(target);
      channel.on('error', () => undefined);
      channel.on('close', () => target.destroy());
      target.on('close', () => channel.close());
    });
    target.on('error', () => reject());
  });
  client.on('openssh.streamlocal', (accept, reject, info) => {
    if (!behaviour.allowStreamLocal) {
      reject();
      return;
    }
    const target = connect(info.socketPath);
    target.once('connect', () => {
      const channel = accept();
      target.pipe(channel);
      channel.pipe(target);
      channel.on('close', () => target.destroy());
    });
    target.on('error', () => reject());
  });
}

function runShell(
  command: string,
  channel: ServerChannel,
  behaviour: ServerBehaviour,
  children: Set<ChildProcess>,
): void {
  const child = spawn('/bin/sh', ['-c', command], { stdio: 'pipe' });
  children.add(child);
  channel.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  channel.pipe(child.stdin);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  channel.on('close', () => child.kill('SIGKILL'));
  child.on('close', (code, signal) => {
    children.delete(child);
    if (!behaviour.withholdExitStatus) {
      if (code === null) channel.exit((signal ?? 'KILL').replace('SIG', ''), false, '');
      else channel.exit(code);
    }
    channel.end();
    channel.close();
  });
}
