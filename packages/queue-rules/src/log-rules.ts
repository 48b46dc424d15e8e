import { LockConflictError, type LogChunk } from '@drover/spec';

/**
 * The bytes of a chunk that are not stored yet; empty when all are. Overlap is skipped, since log bytes of an attempt
 * never change.
 * @throws LockConflictError when bytes between what is stored and the chunk are missing
 */
export function newLogBytes(storedBytes: number, chunk: LogChunk): Uint8Array {
  if (chunk.offset > storedBytes)
    throw new LockConflictError(
      `${chunk.stream} has ${storedBytes} bytes; bytes from ${chunk.offset} on would leave a gap`,
      { fix: `send the bytes from ${storedBytes} on` },
    );
  return chunk.bytes.subarray(Math.min(chunk.bytes.length, storedBytes - chunk.offset));
}

/** Where a read of at most `maxBytes` from `offset` begins and ends within what is stored. */
export function logRange(
  storedBytes: number,
  offset: number,
  maxBytes: number,
): { readonly start: number; readonly end: number } {
  const start = Math.max(0, Math.min(offset, storedBytes));
  return { start, end: Math.max(start, Math.min(storedBytes, start + maxBytes)) };
}
