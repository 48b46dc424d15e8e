import { parseHostKey, sameHostKey } from './host-key.ts';

/** Which keys of a host are proven. */
export class Trust {
  #pinned: readonly string[] = [];
  #trusted: string | undefined;

  /** The keys to insist on; empty: none is known yet. */
  get keys(): readonly string[] {
    return this.#trusted === undefined ? this.#pinned : [...this.#pinned, this.#trusted];
  }

  /** A set that names keys replaces what was trusted here before; an empty one leaves it. True when `keys` changed. */
  pin(keys: readonly string[]): boolean {
    const before = this.keys;
    this.#pinned = [...keys];
    if (keys.length > 0) this.#trusted = undefined;
    return !sameSet(before, this.keys);
  }

  /** Marks one more key as proven. */
  trust(key: string): void {
    if (!this.has(key)) this.#trusted = key;
  }

  has(key: string): boolean {
    return this.keys.some((each) => sameKey(each, key));
  }
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return (
    a.every((key) => b.some((each) => sameKey(each, key))) && b.every((key) => a.some((each) => sameKey(each, key)))
  );
}

/** Compares the bytes, so that a comment or white space makes no difference. */
function sameKey(a: string, b: string): boolean {
  const [left, right] = [parseHostKey(a), parseHostKey(b)];
  return left === undefined || right === undefined ? a === b : sameHostKey(left, right);
}
