import { type Clock, HostKeyError } from '@drover/spec';
import ssh2, { type ParsedKey, type PublicKeyAuthMethod } from 'ssh2';
import { onAbort } from './abortable.ts';
import { offeredAlgorithms } from './algorithms.ts';
import { Connection, type ConnectionLimits } from './connection.ts';
import { toConnectError } from './describe-error.ts';
import { DroppedEarlyError } from './dropped-early-error.ts';
import { formatHostKey, type HostKeyBlob } from './host-key.ts';
import { createHostVerifier, type HostVerifier } from './host-verifier.ts';
import type { Transport } from './transport.ts';

/** What a handshake needs. */
export interface HandshakeOptions {
  readonly transport: Transport;
  readonly where: string;
  readonly user: string;
  readonly privateKey: ParsedKey;
  /** Empty: any key is accepted, tentatively. */
  readonly pins: readonly HostKeyBlob[];
  readonly keepaliveIntervalMs: number;
  readonly keepaliveCountMax: number;
  readonly limits: ConnectionLimits;
  readonly clock: Clock;
}

/**
 * Key exchange and authentication. Rejects with HostKeyError or ConnectError, or with the signal's reason; the
 * transport is destroyed then.
 */
export function handshake(options: HandshakeOptions, signal: AbortSignal): Promise<Connection> {
  const { transport, where } = options;
  const client = new ssh2.Client();
  const verifier = createHostVerifier(options.pins);
  return new Promise((resolve, reject) => {
    let connection: Connection | undefined;
    let exchanged = false;
    let stop = (): void => undefined;
    const fail = (error: unknown): void => {
      stop();
      const reason = describe(error, where, verifier, options.pins, exchanged);
      if (connection === undefined) transport.destroy();
      else connection.drop(reason);
      reject(signal.aborted && connection === undefined ? error : reason);
    };
    // These listeners stay for good: one failure may emit two errors, and an error without listener ends the process.
    client.on('error', fail);
    client.on('close', () => fail(new Error('connection lost')));
    client.on('handshake', () => {
      exchanged = true;
    });
    client.on('ready', () => {
      stop();
      // Only now is it certain that the host owns the key: the signature is checked after the verifier was asked.
      const key = formatHostKey(verifier.claimed() ?? new Uint8Array());
      if (key === undefined || signal.aborted) {
        fail(new Error('the host showed no usable key'));
        return;
      }
      connection = new Connection({ key, where, client, transport, limits: options.limits, clock: options.clock });
      resolve(connection);
    });
    stop = onAbort(signal, fail);
    if (signal.aborted) return;
    connectClient(client, options, verifier, fail);
  });
}

function connectClient(
  client: ssh2.Client,
  options: HandshakeOptions,
  verifier: HostVerifier,
  fail: (error: unknown) => void,
): void {
  const { user, privateKey } = options;
  const method: PublicKeyAuthMethod = { type: 'publickey', username: user, key: privateKey };
  try {
    client.connect({
      sock: options.transport.stream,
      username: user,
      authHandler: [method],
      algorithms: offeredAlgorithms(options.pins),
      hostVerifier: (key: Buffer) => verifier.verify(key),
      // Deadlines are ours, on the injected clock; the keepalive inside ssh2 runs on real timers.
      readyTimeout: 0,
      keepaliveInterval: options.keepaliveIntervalMs,
      keepaliveCountMax: options.keepaliveCountMax,
      // Else stream-local forwarding is refused for servers that do not call themselves OpenSSH.
      strictVendor: false,
      agentForward: false,
      ident: 'drover',
    });
  } catch (error) {
    fail(error);
  }
}

function describe(
  error: unknown,
  where: string,
  verifier: HostVerifier,
  pins: readonly HostKeyBlob[],
  exchanged: boolean,
): Error {
  if (verifier.refused()) {
    const shown = formatHostKey(verifier.claimed() ?? new Uint8Array()) ?? 'no usable key';
    return new HostKeyError(`${where}: the host shows ${shown}, which is not the pinned key`, {
      fix: 'if the machine was reinstalled on purpose, remove its pin; else treat it as an attack',
      cause: error,
    });
  }
  const noSuchType = error instanceof Error && error.message.includes('no matching host key format');
  if (noSuchType && pins.length > 0) {
    return new HostKeyError(`${where}: the host has no key of the pinned type any more`, { cause: error });
  }
  const plain = toConnectError(error, where);
  return !exchanged && isLoss(error) ? new DroppedEarlyError(plain.message, { cause: error }) : plain;
}

function isLoss(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('code' in error && error.code === 'ECONNRESET') || error.message === 'Connection lost before handshake';
}
