import { closeSync, constants, fdatasyncSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { logRange, newLogBytes } from '@drover/queue-rules';
import { inlineLogBytes, type ContainerUuid, type LogChunk, type LogStream } from '@drover/spec';
import { damaged, streams } from './codes.ts';
import { makeFolder, syncFolder } from './durable-folder.ts';
import { maxLogReadBytes } from './sqlite-options.ts';
import { numberIn, optionalBytesIn } from './row.ts';
import type { Tables } from './tables.ts';

/** Which log. */
export interface LogPlace {
  readonly container: number;
  readonly uuid: ContainerUuid;
  readonly generation: number;
  readonly stream: LogStream;
}

interface StoredLog {
  readonly sizeBytes: number;
  /** The bytes themselves, while they are few. */
  readonly inline: Uint8Array | undefined;
}

/**
 * Logs by attempt and stream. The database knows each one's size; its bytes lie in a file, synced before the size is
 * committed, so that what is committed is always there; bytes beyond the committed size do not count and are
 * overwritten. Up to `inlineLogBytes` they lie in the database instead, because a new file costs syncs of its own and of
 * its folders: `finished` took 0.32 ms with a log of 100 bytes inline and 1.3 ms with one of 5,000 in a file (medians,
 * 2 cores, ext4, `bench/latency.ts`).
 */
export class LogTable {
  readonly #tables: Tables;
  readonly #directory: string | undefined;

  /** Without a directory everything is kept inline. */
  constructor(tables: Tables, directory: string | undefined) {
    this.#tables = tables;
    this.#directory = directory;
  }

  sizeBytes(place: LogPlace): number {
    return this.#find(place)?.sizeBytes ?? 0;
  }

  /** Adds what is new of the chunk. @throws LockConflictError on a gap */
  append(place: LogPlace, chunk: LogChunk): void {
    const stored = this.#find(place) ?? { sizeBytes: 0, inline: new Uint8Array() };
    const bytes = newLogBytes(stored.sizeBytes, chunk);
    if (bytes.length === 0) return;
    const sizeBytes = stored.sizeBytes + bytes.length;
    if (stored.inline !== undefined && (this.#directory === undefined || sizeBytes <= inlineLogBytes)) {
      this.#save(place, sizeBytes, Buffer.concat([stored.inline, bytes]));
      return;
    }
    const path = this.#path(place);
    if (stored.inline === undefined) writeDurably(path, bytes, stored.sizeBytes);
    else writeDurably(path, Buffer.concat([stored.inline, bytes]), 0);
    this.#save(place, sizeBytes, undefined);
  }

  /** At most `maxBytes` from `offset`; empty at the end. */
  read(place: LogPlace, offset: number, maxBytes: number): Uint8Array {
    const stored = this.#find(place);
    if (stored === undefined) return new Uint8Array();
    const { start, end } = logRange(stored.sizeBytes, offset, Math.min(maxBytes, maxLogReadBytes));
    if (stored.inline !== undefined) return stored.inline.slice(start, end);
    return readAt(this.#path(place), start, end - start);
  }

  #find(place: LogPlace): StoredLog | undefined {
    const row = this.#tables.one(
      'SELECT size, inline FROM logs WHERE container = ? AND generation = ? AND stream = ?',
      place.container,
      place.generation,
      streams.indexOf(place.stream),
    );
    return row === undefined ? undefined : { sizeBytes: numberIn(row, 'size'), inline: optionalBytesIn(row, 'inline') };
  }

  #save(place: LogPlace, sizeBytes: number, inline: Uint8Array | undefined): void {
    this.#tables.write(
      'INSERT OR REPLACE INTO logs (container, generation, stream, size, inline) VALUES (?, ?, ?, ?, ?)',
      place.container,
      place.generation,
      streams.indexOf(place.stream),
      sizeBytes,
      inline ?? null,
    );
  }

  /** Spread over folders, so that none grows without bound. */
  #path({ uuid, generation, stream }: LogPlace): string {
    if (this.#directory === undefined) throw damaged(`the log of ${uuid} lies in a file and there is no log folder`);
    return join(this.#directory, uuid.slice(-2), `${uuid}.${generation}.${stream}`);
  }
}

/** Writes at `offset` and returns once the bytes, and the names that lead to them, are on the disk. */
function writeDurably(path: string, bytes: Uint8Array, offset: number): void {
  const folder = dirname(path);
  const isNew = offset === 0;
  if (isNew) makeFolder(folder);
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT, 0o600);
  try {
    for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done, bytes.length - done, offset + done);
    fdatasyncSync(file);
  } finally {
    closeSync(file);
  }
  if (isNew) syncFolder(folder);
}

function readAt(path: string, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const file = openSync(path, 'r');
  try {
    let done = 0;
    while (done < length) {
      const count = readSync(file, bytes, done, length - done, offset + done);
      if (count === 0) throw damaged(`the log file ${path} is shorter than recorded`);
      done += count;
    }
  } finally {
    closeSync(file);
  }
  return bytes;
}
