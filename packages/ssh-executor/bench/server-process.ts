import { createServer } from 'node:net';
import ssh2, { type Connection } from 'ssh2';
import { generateSshKeyPair } from '../src/index.ts';

/**
 * An SSH server in a process of its own, so that a measurement counts the client alone. `cat` sends everything back,
 * any other command ends at once; nothing is spawned. Lets everybody in. Writes `<port> <host key>` when it is ready
 * and ends when its stdin does.
 */
const host = generateSshKeyPair();

function serve(client: Connection): void {
  client.on('error', () => undefined);
  client.on('authentication', (context) => context.accept());
  client.on('session', (acceptSession) => {
    acceptSession().on('exec', (acceptExec, _reject, info) => {
      const channel = acceptExec();
      channel.on('error', () => undefined);
      if (info.command === 'cat') {
        channel.pipe(channel);
        return;
      }
      channel.resume();
      channel.on('end', () => {
        channel.exit(0);
        channel.close();
      });
    });
  });
}

const ssh = new ssh2.Server({ hostKeys: [host.privateKeyPem] }, serve);
const tcp = createServer((socket) => {
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  ssh.injectSocket(socket);
});
tcp.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => {
  const address = tcp.address();
  if (typeof address === 'object' && address !== null) console.log(`${address.port} ${host.publicKeyOpenSsh}`);
});
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
