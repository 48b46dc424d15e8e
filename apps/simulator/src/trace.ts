/**
 * A running hash over everything that happened, so that two runs of one seed can be compared without keeping their
 * histories (two lanes of FNV-1a, 64 bits together), and the last lines for people.
 */
export class Trace {
  readonly #keep: number;
  readonly #lines: string[] = [];
  readonly #onLine: ((line: string) => void) | undefined;
  #a = 0x811c9dc5;
  #b = 0xcbf29ce4;
  #count = 0;

  /** `keep`: how many of the latest lines; `onLine` hears each at once. */
  constructor(keep = 2000, onLine?: (line: string) => void) {
    this.#keep = keep;
    this.#onLine = onLine;
  }

  get count(): number {
    return this.#count;
  }

  /** 16 hex digits. */
  get hash(): string {
    return hex(this.#a) + hex(this.#b);
  }

  /** The latest lines, oldest first. */
  get lines(): readonly string[] {
    return this.#lines.slice(-this.#keep);
  }

  add(atMs: number, source: string, what: unknown): void {
    const line = `${atMs.toFixed(3)} ${source} ${typeof what === 'string' ? what : JSON.stringify(what, plain)}`;
    this.#count += 1;
    for (let i = 0; i < line.length; i += 1) {
      const code = line.charCodeAt(i);
      this.#a = Math.imul(this.#a ^ code, 0x01000193);
      this.#b = Math.imul(this.#b ^ code, 0x01000197);
    }
    this.#onLine?.(line);
    this.#lines.push(line);
    if (this.#lines.length > 2 * this.#keep) this.#lines.splice(0, this.#lines.length - this.#keep);
  }
}

function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}

/** Errors as their text, whose stacks differ from machine to machine. */
function plain(_key: string, value: unknown): unknown {
  return value instanceof Error ? `${value.name}: ${value.message}` : value;
}
