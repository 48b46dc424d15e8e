import type { Socket } from 'node:net';
import { connect as connectSocket } from 'node:net';
import type { Instance } from '@drover/spec';
import ssh2, { type Client, type ClientChannel, type ConnectConfig } from 'ssh2';
import { onTestFinished } from 'vitest';
import { dispatcherKey } from './loopback-world.ts';

/** What a remote command did. */
export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  /** Exit code, or the signal's name. */
  readonly end: number | string | undefined;
}

/** Connects as the dispatcher would; closed after the test. */
export function connect(instance: Instance, changes: ConnectConfig = {}): Promise<Client> {
  const [host = '', port] = instance.address.split(':');
  const sock: Socket = connectSocket({ host, port: Number(port), noDelay: true });
  const client = new ssh2.Client();
  onTestFinished(() => {
    client.end();
    sock.destroy();
  });
  return new Promise((resolve, reject) => {
    client.once('ready', () => resolve(client));
    client.on('error', reject);
    client.connect({
      sock,
      username: 'root',
      // Else ssh2 offers channels to unix sockets to nobody but OpenSSH.
      strictVendor: false,
      privateKey: dispatcherKey.private,
      algorithms: { cipher: ['aes128-gcm@openssh.com'] },
      ...changes,
    });
  });
}

/** Starts a command; its channel. */
export function open(client: Client, command: string): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => (error === undefined ? resolve(channel) : reject(error)));
  });
}

/** Runs a command to its end. */
export function run(client: Client, command: string, stdin: string | Buffer = ''): Promise<Ran> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error !== undefined) {
        reject(error);
        return;
      }
      // Listening begins in this very call: the end may be in the packet that is being read.
      const stdout: Buffer[] = [];
      const stderr: Buffer[] = [];
      let end: number | string | undefined;
      channel.on('data', (chunk: Buffer) => stdout.push(chunk));
      channel.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
      channel.on('exit', (code: number | null, signal?: string) => {
        end = code ?? signal;
      });
      channel.on('close', () =>
        resolve({ stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString(), end }),
      );
      channel.end(stdin);
    });
  });
}

/** Opens a channel to a unix socket on the VM. */
export function openSocket(client: Client, path: string): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.openssh_forwardOutStreamLocal(path, (error, channel) =>
      error === undefined ? resolve(channel) : reject(error),
    );
  });
}
