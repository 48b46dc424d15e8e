import { connect, type Socket } from 'node:net';
import { onAbort } from './abortable.ts';
import { joinWrites } from './join-writes.ts';
import type { HostPort } from './parse-address.ts';
import type { Transport } from './transport.ts';

/** A TCP connection as transport. */
export async function openTcpTransport(to: HostPort, signal: AbortSignal): Promise<Transport> {
  const socket = await openTcp(to, signal);
  joinWrites(socket);
  return { stream: socket, destroy: () => resetSocket(socket) };
}

/**
 * A TCP connection of our own for ssh2. Without setNoDelay every round trip costs 40 ms (Nagle against delayed
 * acknowledgements): 6 commands per second instead of a thousand. The caller destroys it.
 */
function openTcp(to: HostPort, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: to.host, port: to.port, noDelay: true });
    // One failure may come as two errors, and an error without listener ends the process: this one stays for good.
    socket.on('error', reject);
    const stop = onAbort(signal, (reason) => {
      socket.destroy();
      reject(reason);
    });
    socket.once('connect', () => {
      stop();
      socket.setNoDelay(true);
      resolve(socket);
    });
    socket.once('close', () => {
      stop();
      reject(new Error('connection closed'));
    });
  });
}

/** Ends it for the peer and for us, whatever state it is in. */
function resetSocket(socket: Socket): void {
  // Resetting an unconnected socket only waits for the connection; that would leak it.
  if (socket.connecting || socket.destroyed) socket.destroy();
  else socket.resetAndDestroy();
}
