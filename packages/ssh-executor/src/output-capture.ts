import { StringDecoder } from 'node:string_decoder';
import type { Readable } from 'node:stream';

/** What came out of one stream so far. */
export interface OutputCapture {
  text(): string;
  truncated(): boolean;
}

/**
 * Reads a stream to its end and keeps the first `maxBytes`. The rest is read too: a channel with unread output never
 * closes.
 */
export function captureOutput(stream: Readable, maxBytes: number): OutputCapture {
  const chunks: Uint8Array[] = [];
  let keptBytes = 0;
  let truncated = false;
  stream.on('data', (chunk: Buffer) => {
    const room = maxBytes - keptBytes;
    if (chunk.length > room) truncated = true;
    if (room <= 0) return;
    const kept = chunk.length > room ? chunk.subarray(0, room) : chunk;
    chunks.push(kept);
    keptBytes += kept.length;
  });
  return {
    // The decoder leaves out a character that was cut in two by the limit.
    text: () => {
      const bytes = Buffer.concat(chunks);
      return truncated ? new StringDecoder('utf8').write(bytes) : bytes.toString('utf8');
    },
    truncated: () => truncated,
  };
}
