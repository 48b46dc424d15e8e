import type { Tags } from '@drover/spec';
import { gceLimits } from './gce-options.ts';

/** Tags as the cloud keeps them: labels, and what no label can hold. */
export interface StoredTags {
  readonly labels: Readonly<Record<string, string>>;
  /** Goes into one metadata item. */
  readonly overflow: Tags;
}

/** Marks the VMs of one set, so that one filter finds them whatever became of their tags. Not a tag. No `-`: filters read it as minus. */
export const setLabel = 'drover_set';

/** Labels that are left for tags beside `setLabel`. */
const maxTagLabels = gceLimits.labels - 1;

/** Goes before a key that would not begin as a label key must, or that looks as if this stood before it. */
const keyPrefix = 'x_';

/** Texts that labels take as they are: nearly all. */
const plain = /^[a-z0-9-]*$/;

/**
 * Text in the alphabet of labels (`a-z`, `0-9`, `-`, `_`) and back without loss: `_x` is a capital letter, `__` the underscore,
 * `_ddd` any other byte of its UTF-8.
 */
export function encodeText(text: string): string {
  if (plain.test(text)) return text;
  // Each byte as a character of its own.
  const bytes = /^[\0-\x7f]*$/.test(text) ? text : Buffer.from(text).toString('latin1');
  return bytes.replaceAll(/[^a-z0-9-]/g, escapeOf);
}

function escapeOf(char: string): string {
  if (char === '_') return '__';
  if (char >= 'A' && char <= 'Z') return `_${char.toLowerCase()}`;
  return `_${String(char.codePointAt(0)).padStart(3, '0')}`;
}

/** What `encodeText` was given, or undefined for a text that it never gives. */
export function decodeText(encoded: string): string | undefined {
  if (plain.test(encoded)) return encoded;
  const bytes = encoded.replaceAll(/_(\d{3}|[a-z_])/g, (_all, escape: string) => charOf(escape));
  const text = /^[\0-\x7f]*$/.test(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString();
  return encodeText(text) === encoded ? text : undefined;
}

function charOf(escape: string): string {
  if (escape === '_') return '_';
  return escape.length === 3 ? String.fromCodePoint(Number(escape)) : escape.toUpperCase();
}

/** A tag's key as a label key. */
export function encodeKey(key: string): string {
  const encoded = encodeText(key);
  return /^[a-z]/.test(encoded) && !encoded.startsWith(keyPrefix) && encoded !== setLabel
    ? encoded
    : keyPrefix + encoded;
}

/** Which tags become labels and which do not fit: too long once encoded, or too many. */
export function storeTags(tags: Tags): StoredTags {
  const labels = new Map<string, string>();
  const overflow = new Map<string, string>();
  for (const [key, value] of Object.entries(tags)) {
    const label = encodeKey(key);
    const text = encodeText(value);
    const isShort = label.length <= gceLimits.labelLength && text.length <= gceLimits.labelLength;
    if (isShort && labels.size < maxTagLabels) labels.set(label, text);
    else overflow.set(key, value);
  }
  return { labels: Object.fromEntries(labels), overflow: Object.fromEntries(overflow) };
}

/** The tags of a VM. Labels of others that no tag can have made are left out; a label wins over an older overflow. */
export function readTags({ labels, overflow }: StoredTags): Tags {
  const tags = new Map(Object.entries(overflow));
  for (const [label, text] of Object.entries(labels)) {
    if (label === setLabel) continue;
    const key = decodeText(label.startsWith(keyPrefix) ? label.slice(keyPrefix.length) : label);
    const value = decodeText(text);
    if (key !== undefined && value !== undefined && encodeKey(key) === label) tags.set(key, value);
  }
  return Object.fromEntries(tags);
}
