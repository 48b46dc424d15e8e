import { once } from 'node:events';

/** Writes bytes as they are, and waits while the reader does not keep up. */
export async function writeBytes(stream: NodeJS.WriteStream, bytes: Uint8Array): Promise<void> {
  if (!stream.write(bytes)) await once(stream, 'drain');
}
