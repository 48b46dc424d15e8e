import { createServer, type Server as NetServer } from 'node:net';
import ssh2, { type Algorithms, type Connection, type ParsedKey } from 'ssh2';
import { authorize, vmUsers } from './authorize.ts';
import { serveSession } from './exec-session.ts';
import type { HostKey } from './host-key.ts';
import { forwardStreamLocal } from './stream-local.ts';

/** More clients than a dispatcher, its successor and a person would ever need at once. */
const maxConnections = 64;

/** As a hardened sshd: authenticated encryption only. */
const algorithms: Algorithms = {
  cipher: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com'],
  serverHostKey: ['ssh-ed25519'],
};

/** Parses an OpenSSH public key line; throws when it is none. */
export function parseAuthorizedKey(line: string): ParsedKey {
  const parsed = ssh2.utils.parseKey(line);
  if (parsed instanceof Error) throw new Error(`the authorised key is not an OpenSSH public key: ${parsed.message}`);
  return parsed;
}

/** Listens on a port of 127.0.0.1 that the system chooses, which it resolves with. */
export async function startSshServer(options: {
  readonly hostKey: HostKey;
  readonly authorizedKey: ParsedKey;
  readonly root: string;
}): Promise<{ readonly server: NetServer; readonly port: number }> {
  const users = vmUsers();
  const ssh = new ssh2.Server({ hostKeys: [options.hostKey.privateKey], algorithms, ident: 'drover-loopback' });
  ssh.on('connection', (connection: Connection) => {
    connection.on('error', () => connection.end());
    connection.on('authentication', (attempt) => authorize(attempt, options.authorizedKey, users));
    connection.on('session', (accept) => serveSession(accept(), options.root));
    connection.on('openssh.streamlocal', (accept, reject, { socketPath }) =>
      forwardStreamLocal(socketPath, options.root, { accept, reject }),
    );
  });
  // The sockets come from a server of ours, because ssh2's does not switch Nagle's algorithm off: 40 ms per command.
  const server = createServer({ noDelay: true }, (socket) => ssh.injectSocket(socket));
  server.maxConnections = maxConnections;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: 0 }, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the SSH server has no port');
  return { server, port: address.port };
}
