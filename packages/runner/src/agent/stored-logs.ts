import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { LogStream } from '@drover/spec';
import type { StoredLog } from './exit-record.ts';
import { sha256 } from './run-result.ts';

/** A part of a stored log. */
export interface LogPart {
  readonly bytes: Buffer;
  /** Nothing comes after these bytes, now or later. */
  readonly end: boolean;
}

/** Hashing goes on in pieces of this size, so that a large log does not hold up starts: 1 ms each. */
const hashChunkBytes = 1 << 20;

/**
 * Reads `maxBytes` from `offset` of the log as the user sees it: head, then tail, what lies between was dropped. `log` is
 * undefined while the run goes on; then only the head is there, because the tail still moves.
 */
export function readLog(
  folder: string,
  stream: LogStream,
  log: StoredLog | undefined,
  offset: number,
  maxBytes: number,
): LogPart {
  const wanted = log === undefined ? maxBytes : Math.max(0, Math.min(maxBytes, log.sizeBytes - offset));
  const { headBytes, bytes } = readHead(`${folder}/${stream}`, offset, wanted);
  if (log === undefined) return { bytes, end: false };
  const parts = [bytes];
  const tailBytes = log.sizeBytes - headBytes;
  let at = offset + bytes.length - headBytes;
  let left = tailBytes > 0 ? wanted - bytes.length : 0;
  while (left > 0) {
    const start = (log.tailStart + at) % tailBytes;
    const count = Math.min(left, tailBytes - start);
    parts.push(readPart(`${folder}/${stream}.tail`, start, count));
    at += count;
    left -= count;
  }
  return { bytes: Buffer.concat(parts), end: offset + wanted >= log.sizeBytes };
}

/** The longest record with its short logs is half of it; see native/src/result.c. */
const maxRecordBytes = 8192;

/** The logs that are in the record's own file, one after the other. */
export function readRecordLogs(folder: string): Buffer {
  const record = readPart(`${folder}/exit`, 0, maxRecordBytes);
  return record.subarray(record.indexOf(0x0a) + 1);
}

/** SHA-256 of the stored bytes, hex; empty for an empty log. At once when the log is short. */
export function hashLog(folder: string, log: StoredLog): string | Promise<string> {
  if (log.sizeBytes === 0) return '';
  if (log.sizeBytes > hashChunkBytes) return hashLongLog(folder, log);
  return sha256(readLog(folder, log.stream, log, 0, log.sizeBytes).bytes);
}

async function hashLongLog(folder: string, log: StoredLog): Promise<string> {
  const hash = createHash('sha256');
  for (let offset = 0; offset < log.sizeBytes; offset += hashChunkBytes) {
    hash.update(readLog(folder, log.stream, log, offset, hashChunkBytes).bytes);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return hash.digest('hex');
}

/** What there is of the wanted bytes in the first file, and how long that is. */
function readHead(
  path: string,
  offset: number,
  maxBytes: number,
): { readonly headBytes: number; readonly bytes: Buffer } {
  return withFile(path, { headBytes: 0, bytes: Buffer.alloc(0) }, (fd) => {
    const headBytes = fstatSync(fd).size;
    const count = Math.max(0, Math.min(maxBytes, headBytes - offset));
    if (count === 0) return { headBytes, bytes: Buffer.alloc(0) };
    const bytes = Buffer.allocUnsafe(count);
    return { headBytes, bytes: bytes.subarray(0, readSync(fd, bytes, 0, count, offset)) };
  });
}

function readPart(path: string, offset: number, count: number): Buffer {
  if (count <= 0) return Buffer.alloc(0);
  return withFile(path, Buffer.alloc(0), (fd) => {
    const bytes = Buffer.allocUnsafe(count);
    return bytes.subarray(0, readSync(fd, bytes, 0, count, offset));
  });
}

/** A stream that nothing was written to has no file. */
function withFile<T>(path: string, missing: T, use: (fd: number) => T): T {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return missing;
  }
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}
