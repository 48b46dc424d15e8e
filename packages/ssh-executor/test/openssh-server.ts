import { type ChildProcess, spawn } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { mkdtemp } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { generateSshKeyPair } from '../src/index.ts';

/** A real sshd on 127.0.0.1, with its own keys and nothing of the machine's. */
export interface OpenSshServer {
  readonly port: number;
  readonly user: string;
  /** A folder of its own, for sockets and files of a test. */
  readonly folder: string;
  /** `<type> <base64>`. */
  hostKey(): string;
  /** Process ids of the sshd processes that serve connections now. */
  connectionPids(): Promise<readonly number[]>;
  /** How many connections it serves now. */
  connections(): Promise<number>;
  /** Ends all connections, as a crash of their sshd processes would. */
  loseConnections(): Promise<void>;
  /** What it has logged so far. */
  log(): string;
  /** Starts again on the same port with another host key; present connections go on. */
  changeHostKey(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts `sshd -D -e` with this configuration beside what every test needs. */
export async function startOpenSsh(
  sshdPath: string,
  publicKey: string,
  configuration: readonly string[] = [],
): Promise<OpenSshServer> {
  const folder = await mkdtemp(join(tmpdir(), 'drover-sshd-'));
  const port = await freePort();
  let log = '';
  let hostKey = await writeHostKey(folder);
  await writeFile(join(folder, 'authorized_keys'), `${publicKey}\n`, { mode: 0o600 });
  await writeFile(join(folder, 'config'), configure(folder, port, configuration));
  const start = async (): Promise<ChildProcess> => {
    const child = spawn(sshdPath, ['-D', '-e', '-f', join(folder, 'config')], { stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr.on('data', (chunk: Buffer) => {
      log = (log + chunk.toString('utf8')).slice(-100_000);
    });
    await untilListening(port, child, () => log);
    return child;
  };
  let child = await start();
  const stopListener = (): Promise<void> =>
    new Promise((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) resolve();
      child.once('exit', () => resolve());
      child.kill('SIGKILL');
    });
  const connectionPids = async (): Promise<readonly number[]> => {
    const all: number[] = [...seen];
    for (const pid of await descendants(child.pid ?? -1)) if (!seen.has(pid)) all.push(pid);
    for (const pid of all) seen.add(pid);
    return all.filter(isAlive);
  };
  const seen = new Set<number>();
  const loseConnections = async (): Promise<void> => {
    for (const pid of await connectionPids()) killQuietly(pid);
  };
  return {
    port,
    user: userInfo().username,
    folder,
    hostKey: () => hostKey,
    connectionPids,
    connections: () => countEstablished(port),
    loseConnections,
    log: () => log,
    changeHostKey: async () => {
      await connectionPids();
      await stopListener();
      hostKey = await writeHostKey(folder);
      child = await start();
    },
    stop: async () => {
      await loseConnections();
      await stopListener();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function configure(folder: string, port: number, configuration: readonly string[]): string {
  return [
    // The first value of a setting counts, so that a test's own come first.
    ...configuration,
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${join(folder, 'host_key')}`,
    `AuthorizedKeysFile ${join(folder, 'authorized_keys')}`,
    `PidFile ${join(folder, 'pid')}`,
    // bash reads ~/.bashrc when sshd starts it; what the user of this machine has there is none of our business.
    `SetEnv HOME=${folder}`,
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    'UsePAM no',
    'StrictModes no',
    'LogLevel VERBOSE',
    '',
  ].join('\n');
}

async function writeHostKey(folder: string): Promise<string> {
  const pair = generateSshKeyPair();
  await writeFile(join(folder, 'host_key'), pair.privateKeyPem, { mode: 0o600 });
  return pair.publicKeyOpenSsh.split(' ').slice(0, 2).join(' ');
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

async function untilListening(port: number, child: ChildProcess, log: () => string): Promise<void> {
  for (let attempts = 0; attempts < 500; attempts += 1) {
    if (child.exitCode !== null) break;
    if (await isListening(port)) return;
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
  throw new Error(`sshd does not listen: ${log()}`);
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => resolve(false));
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}

/** Established TCP connections of this port, from the kernel's table; both ends are on this machine, one counts. */
async function countEstablished(port: number): Promise<number> {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = (await readFile('/proc/net/tcp', 'utf8')).split('\n');
  return lines.filter((line) => line.includes(`: ${local} `) && line.trim().split(/\s+/)[3] === '01').length;
}

/** sshd's own processes below this one: a connection's monitor and its unprivileged child. */
async function descendants(pid: number): Promise<readonly number[]> {
  const children = await readChildren(pid);
  const below = await Promise.all(children.map(descendants));
  const sshd = await Promise.all(children.map(isSshd));
  return [...children.filter((_, index) => sshd[index] === true), ...below.flat()];
}

async function readChildren(pid: number): Promise<readonly number[]> {
  try {
    const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.trim().split(/\s+/).filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

async function isSshd(pid: number): Promise<boolean> {
  try {
    return (await readFile(`/proc/${pid}/comm`, 'utf8')).startsWith('sshd');
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
