import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import type { LineChannel } from '@drover/spec';

/** A line channel straight to a unix socket: what a stream-local forward gives a dispatcher. */
export async function openSocketChannel(path: string): Promise<LineChannel> {
  const socket = connect(path);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  socket.on('error', () => {});
  const lines = createInterface({ input: socket });
  // It repeats the errors of its input.
  lines.on('error', () => {});
  const listen = (name: 'line', listener: (line: string) => void) => {
    lines.on(name, listener);
    return () => void lines.off(name, listener);
  };
  return {
    send: (line) => socket.write(`${line}\n`),
    onLine: (listener) => listen('line', listener),
    onDrain: (listener) => {
      socket.on('drain', listener);
      return () => void socket.off('drain', listener);
    },
    onClose: (listener) => {
      const closed = (): void => listener(undefined);
      socket.once('close', closed);
      return () => void socket.off('close', closed);
    },
    close: () => void socket.destroy(),
  };
}
