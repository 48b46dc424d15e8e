import { connect } from 'node:net';
import { relative, resolve } from 'node:path';
import type { AcceptConnection, RejectConnection, ServerChannel } from 'ssh2';

/** The longest path that fits into a socket address on Linux (108 bytes with its final 0). */
const longestSocketPath = 107;

/** Joins a channel to a unix socket on the VM: bytes both ways, each side at the pace of the other. */
export function forwardStreamLocal(
  socketPath: string,
  root: string,
  answer: { readonly accept: AcceptConnection<ServerChannel>; readonly reject: RejectConnection },
): void {
  const socket = connect({ path: reachablePath(resolve(root, socketPath), root), allowHalfOpen: true });
  socket.once('error', answer.reject);
  socket.once('connect', () => {
    socket.off('error', answer.reject);
    const channel = answer.accept();
    const endBoth = (): void => {
      socket.destroy();
      channel.close();
    };
    socket.on('error', endBoth);
    channel.on('error', endBoth);
    channel.on('close', () => socket.destroy());
    socket.on('close', () => channel.close());
    socket.pipe(channel);
    channel.pipe(socket);
  });
}

/** The VM's program works in `root`, so that a path too long for a socket address may do as a relative one. */
function reachablePath(path: string, root: string): string {
  return Buffer.byteLength(path) <= longestSocketPath ? path : relative(root, path);
}
