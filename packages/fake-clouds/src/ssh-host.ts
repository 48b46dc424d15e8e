import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import ssh2, { type AuthContext, type ServerChannel } from 'ssh2';

/** What runs inside a VM of a fake, as far as SSH shows it: a real server on 127.0.0.1, whose commands run on this machine. */
export interface SshHost {
  /** `127.0.0.1:PORT`; empty until it listens. */
  readonly address: string;
  /** `<type> <base64>`. */
  readonly hostKey: string;
  /** Ends the server, its connections and its commands. */
  end(): void;
}

/**
 * Starts a host. `accepts` says which public keys (`<type> <base64>`) may log in, as any user. `startScript` runs at once, on this
 * machine, as at a first boot: for clouds that publish no host keys, whose VMs prove themselves by what it writes.
 */
export type StartSshHost = (accepts: (publicKey: string) => boolean, startScript?: string) => SshHost;

/** See `StartSshHost`. */
export const startSshHost: StartSshHost = (accepts, startScript) => {
  const { private: privateKey, public: publicKey } = ssh2.utils.generateKeyPairSync('ed25519');
  const children = new Set<ChildProcess>();
  if (startScript !== undefined) children.add(spawn('/bin/sh', ['-c', startScript], { stdio: 'ignore' }));
  const sockets = new Set<{ destroy(): void }>();
  const ssh = new ssh2.Server({ hostKeys: [privateKey] }, (client) => {
    client.on('error', () => client.end());
    client.on('authentication', (attempt) => authenticate(attempt, accepts));
    client.on('session', (accept) => {
      accept().on('exec', (acceptExec, _reject, { command }) => {
        const child = runCommand(acceptExec(), command);
        children.add(child);
        child.once('close', () => children.delete(child));
      });
    });
  });
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    ssh.injectSocket(socket);
  });
  server.listen(0, '127.0.0.1');
  return {
    get address(): string {
      const address = server.address();
      return typeof address === 'object' && address !== null ? `127.0.0.1:${address.port}` : '';
    },
    hostKey: publicKey.split(' ').slice(0, 2).join(' '),
    end: () => {
      for (const child of children) child.kill('SIGKILL');
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
};

function authenticate(attempt: AuthContext, accepts: (publicKey: string) => boolean): void {
  if (attempt.method !== 'publickey') return attempt.reject(['publickey']);
  const { algo, data } = attempt.key;
  const key = ssh2.utils.parseKey(data);
  const line = `${key instanceof Error ? algo : key.type} ${data.toString('base64')}`;
  if (key instanceof Error || !accepts(line)) return attempt.reject(['publickey']);
  const { signature, blob, hashAlgo } = attempt;
  // Without a signature the client only asks whether the key would do.
  const isProven = signature === undefined || (blob !== undefined && key.verify(blob, signature, hashAlgo));
  return isProven ? attempt.accept() : attempt.reject(['publickey']);
}

function runCommand(channel: ServerChannel, command: string): ChildProcess {
  const child = spawn('/bin/sh', ['-c', command], { cwd: tmpdir(), stdio: ['pipe', 'pipe', 'pipe'] });
  channel.on('error', () => channel.destroy());
  channel.pipe(child.stdin);
  child.stdin.on('error', () => channel.unpipe(child.stdin).resume());
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  child.on('close', (code, signal) => {
    if (code === null) channel.exit(signal ?? 'SIGKILL', false, '');
    else channel.exit(code);
    channel.end();
  });
  return child;
}
