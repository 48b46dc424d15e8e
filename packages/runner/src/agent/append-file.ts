import { closeSync, constants, existsSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';

/** Room is made in pieces of this size. */
const roomBytes = 64 << 10;
const zeros = Buffer.alloc(roomBytes);

/**
 * A file of lines that is appended to, with room made ahead of the text: zeros, where the text never has one. To sync what replaces them
 * the disk need not write down a new size, which is a third less work and one wait less for everything else that is synced.
 */
export class AppendFile {
  readonly fd: number;
  /** Of the text. */
  #lengthBytes: number;
  #fileBytes: number;

  private constructor(fd: number, lengthBytes: number) {
    this.fd = fd;
    this.#lengthBytes = this.#fileBytes = lengthBytes;
  }

  /** A new file with this text, readable by its owner alone. */
  static create(path: string, text: string): AppendFile {
    const file = new AppendFile(openSync(path, 'w', 0o600), 0);
    try {
      file.#put(Buffer.from(text));
    } catch (error) {
      file.close();
      throw error;
    }
    return file;
  }

  /** Goes on behind the last whole line of an existing file; makes it when missing. */
  static open(path: string): AppendFile {
    const fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
    const text = readText(path);
    const lengthBytes = Buffer.byteLength(text.slice(0, text.lastIndexOf('\n') + 1));
    ftruncateSync(fd, lengthBytes);
    return new AppendFile(fd, lengthBytes);
  }

  get lengthBytes(): number {
    return this.#lengthBytes;
  }

  /** Adds bytes that are no zeros. Throws when the disk is full; what was added by then counts. */
  append(bytes: Buffer): void {
    if (this.#lengthBytes + bytes.length > this.#fileBytes) this.#makeRoom();
    this.#put(bytes);
  }

  close(): void {
    closeSync(this.fd);
  }

  #put(bytes: Buffer): void {
    for (let done = 0; done < bytes.length;) {
      const count = writeSync(this.fd, bytes, done, bytes.length - done, this.#lengthBytes);
      done += count;
      this.#lengthBytes += count;
      this.#fileBytes = Math.max(this.#fileBytes, this.#lengthBytes);
    }
  }

  #makeRoom(): void {
    try {
      this.#fileBytes += writeSync(this.fd, zeros, 0, roomBytes, this.#fileBytes);
    } catch {
      // The disk is full, or nearly: the text itself may still fit.
    }
  }
}

/** The text of such a file; empty when there is none. Throws when there is one that cannot be read. */
export function readText(path: string): string {
  if (!existsSync(path)) return '';
  const text = readFileSync(path, 'utf8');
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}
