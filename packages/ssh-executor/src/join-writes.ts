import type { Socket } from 'node:net';

/**
 * Makes what is written to a socket in one turn of the event loop one system call. ssh2 writes a packet in three pieces (length,
 * content, authentication tag), and without Nagle's algorithm each would go out alone and wake the peer three times.
 */
export function joinWrites(socket: Socket): void {
  const write = socket.write.bind(socket);
  let joining = false;
  const flush = (): void => {
    joining = false;
    socket.uncork();
  };
  const joined = (...args: Parameters<typeof write>): boolean => {
    if (!joining) {
      joining = true;
      socket.cork();
      process.nextTick(flush);
    }
    return write(...args);
  };
  // Writable: Node puts its own in this place once the peer has ended.
  Object.defineProperty(socket, 'write', { value: joined, writable: true, configurable: true });
}
