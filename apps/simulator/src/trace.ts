interface Entry {
  readonly atMs: number;
  readonly source: string;
  readonly what: unknown;
}

/** A number's 64 bits, as two words. */
const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);

/**
 * A running hash over everything that happened, so that two runs of one seed can be compared without keeping their
 * histories (two lanes of FNV-1a over values, 64 bits together), and the last entries for people. Text is made of an
 * entry only when somebody reads it: what is added must not change afterwards.
 */
export class Trace {
  readonly #keep: number;
  #entries: Entry[] = [];
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
    return this.#entries.slice(-this.#keep).map(toLine);
  }

  /** A moment at which something happened, whatever it was: goes into the hash alone. */
  tick(atMs: number): void {
    this.#number(atMs);
  }

  add(atMs: number, source: string, what: unknown): void {
    this.#count += 1;
    this.#number(atMs);
    this.#text(source);
    this.#value(what);
    const entry = { atMs, source, what };
    this.#onLine?.(toLine(entry));
    this.#entries.push(entry);
    if (this.#entries.length > 2 * this.#keep) this.#entries = this.#entries.slice(-this.#keep);
  }

  #value(value: unknown): void {
    if (typeof value === 'string') this.#text(value);
    else if (typeof value === 'number') this.#number(value);
    else if (value instanceof Error) this.#text(describeError(value));
    else if (typeof value === 'object' && value !== null) {
      this.#word(0x6f);
      for (const part of Object.values(value)) if (part !== undefined) this.#value(part);
    } else this.#word(value === true ? 1 : 2);
  }

  #number(value: number): void {
    float[0] = value;
    this.#word(words[0] ?? 0);
    this.#word(words[1] ?? 0);
  }

  #text(text: string): void {
    let hash = 0x811c9dc5;
    for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    this.#word(hash);
    this.#word(text.length);
  }

  #word(word: number): void {
    this.#a = Math.imul(this.#a ^ word, 0x01000193);
    const b = Math.imul(this.#b ^ word, 0x01000197);
    // High bits have to reach low ones, or they would be lost in the products.
    this.#b = b ^ (b >>> 15);
  }
}

function toLine({ atMs, source, what }: Entry): string {
  return `${atMs.toFixed(3)} ${source} ${typeof what === 'string' ? what : JSON.stringify(what, plain)}`;
}

function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}

function describeError(error: Error): string {
  return `${error.name}: ${error.message}`;
}

/** Errors as their text, whose stacks differ from machine to machine. */
function plain(_key: string, value: unknown): unknown {
  return value instanceof Error ? describeError(value) : value;
}
