import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { RunnerReply } from '@drover/spec';
import ssh2 from 'ssh2';

/**
 * Many SSH hosts in one process, each on a port of its own: as a loopback VM looks to a dispatcher that comes back, with a runner
 * deployed and nothing running. Prints its ports and host key, ends with its standard input.
 */
const count = Number(process.argv[2]);
const hostKey = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 });

const servers = Array.from({ length: count }, () =>
  new ssh2.Server({ hostKeys: [hostKey.private] }, (client) => {
    client.on('authentication', (attempt) => attempt.accept());
    client.on('error', () => undefined);
    client.on('session', (accept) => {
      accept().on('exec', (acceptExec, _, { command }) => {
        const channel = acceptExec();
        // Every command of a dispatcher that comes back succeeds; only the look for the runner prints something.
        if (command.includes('test -d')) channel.write('present\nLinux x86_64\n');
        channel.exit(0);
        channel.end();
      });
    });
    client.on('openssh.streamlocal', (accept) => {
      const channel = accept();
      channel.on('error', () => undefined);
      const lines = createInterface({ input: channel });
      lines.on('line', (line) => channel.write(`${JSON.stringify(answer(line))}\n`));
    });
  }).listen(0, '127.0.0.1'),
);

function answer(line: string): RunnerReply {
  const request: Record<string, unknown> = Object.fromEntries(Object.entries(Object(JSON.parse(line))));
  const id = Number(request['id']);
  if (request['type'] !== 'list') return { type: 'ok', id };
  return {
    type: 'status',
    id,
    status: { sequence: 0, bootId: 'bench', containers: [], draining: false, version: 'bench' },
  };
}

await Promise.all(servers.map(async (server) => server.address() ?? once(server, 'listening')));
const ports = servers.map((server) => {
  const address = server.address();
  return typeof address === 'object' && address !== null && 'port' in address ? address.port : 0;
});
console.log(JSON.stringify({ ports, hostKey: hostKey.public }));
process.stdin.on('end', () => process.exit(0)).resume();
