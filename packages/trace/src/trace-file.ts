import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { CancelTimer, Clock } from '@drover/spec';
import type { TraceSink } from './trace-recorder.ts';

/** Where a trace goes, and how much of it is kept. */
export interface TraceFileOptions {
  readonly path: string;
  /** Of all files together. */
  readonly maxBytes: number;
  readonly clock: Pick<Clock, 'timer'>;
  /** Told once, when nothing more can be written: recording ends, nothing else does. */
  readonly onError: (error: Error) => void;
}

/** Lines are written at least this often; a crash loses what came since. */
const flushMs = 1_000;
const flushBytes = 64 * 1024;
/** The file that is written to and those that it was before: when the first is full, the last one goes. */
const files = 4;

/** A trace in files: appended to, bounded in size, readable by the user alone. */
export class TraceFile implements TraceSink {
  readonly #options: TraceFileOptions;
  readonly #header: () => string;
  #fd: number | undefined;
  #size = 0;
  #waiting: string[] = [];
  #waitingBytes = 0;
  #cancelFlush: CancelTimer | undefined;

  /** Opens the file, or goes on with the one that is there. Does not throw: what is wrong goes to `onError`. */
  constructor(options: TraceFileOptions, header: () => string) {
    this.#options = options;
    this.#header = header;
    this.#attempt(() => {
      mkdirSync(dirname(options.path), { recursive: true });
      this.#open();
    });
  }

  write(line: string): void {
    if (this.#fd === undefined) return;
    this.#waiting.push(line);
    this.#waitingBytes += line.length;
    if (this.#waitingBytes >= flushBytes) this.flush();
    else this.#cancelFlush ??= this.#options.clock.timer(flushMs, () => this.flush());
  }

  /** Writes what waits. */
  flush(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    if (this.#waiting.length === 0) return;
    const text = this.#waiting.join('');
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#attempt(() => {
      if (this.#size >= this.#options.maxBytes / files) this.#rotate();
      this.#append(text);
    });
  }

  close(): void {
    this.flush();
    this.#drop();
  }

  #open(): void {
    const { path } = this.#options;
    this.#fd = openSync(path, 'a+', 0o600);
    this.#size = fstatSync(this.#fd).size;
    // Whoever wrote it last may have died within a line.
    const last = Buffer.alloc(1);
    if (this.#size > 0) readSync(this.#fd, last, 0, 1, this.#size - 1);
    this.#append(this.#size > 0 && last.toString() !== '\n' ? `\n${this.#header()}` : this.#header());
  }

  #rotate(): void {
    const { path } = this.#options;
    this.#drop();
    rmSync(numbered(path, files - 1), { force: true });
    for (let number = files - 2; number >= 0; number -= 1)
      if (existsSync(numbered(path, number))) renameSync(numbered(path, number), numbered(path, number + 1));
    this.#open();
  }

  #append(text: string): void {
    if (this.#fd === undefined) return;
    this.#size += writeSync(this.#fd, text);
  }

  #attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#drop();
      this.#waiting = [];
      this.#options.onError(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** A network disk may tell only now that a write has failed: nothing is left to do about that, and it must not end the process. */
  #drop(): void {
    const fd = this.#fd;
    this.#fd = undefined;
    try {
      if (fd !== undefined) closeSync(fd);
    } catch {
      // The descriptor is gone all the same.
    }
  }
}

function numbered(path: string, number: number): string {
  return number === 0 ? path : `${path}.${number}`;
}
