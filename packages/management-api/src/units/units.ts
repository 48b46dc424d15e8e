import type { ErrorCode } from '@drover/spec';

/** A parsed value, or what is wrong with the text in the words of a `Problem`. */
export type UnitResult =
  | { readonly ok: true; readonly value: number }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string; readonly fix: string };

const byteUnits = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  PB: 1e15,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
  PiB: 2 ** 50,
} as const;

/** Largest first, as a duration is written. */
const timeUnits = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const;

const sizeFix = 'write it with a unit, e.g. "16GiB" (1024-based) or "16GB" (1000-based)';
const durationFix = 'write it with a unit, e.g. "250ms", "30s", "1h30m" or "2d"';

/** What a size looks like, for JSON Schema and editors. */
export const sizePattern = '^\\s*(0|[0-9]+(\\.[0-9]+)?\\s*([kKmMgGtTpP][iI]?)?[bB])\\s*$';

/** What a duration looks like, for JSON Schema and editors. */
export const durationPattern = '^\\s*(0|([0-9]+(\\.[0-9]+)?(d|h|m|s|ms))+)\\s*$';

/** `16GiB`, `1.5 TB`, `512MiB`, plain `0` → whole bytes. Case of the unit does not matter, `i` does. */
export function parseSize(input: string | number): UnitResult {
  const text = String(input).trim();
  if (/^0+(\.0*)?$/.test(text)) return { ok: true, value: 0 };
  if (isNumber(text)) return unitMissing('size', text, sizeFix);
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(text);
  const [, amount, unit] = match ?? [];
  if (amount === undefined || unit === undefined) return invalid(`"${text}" is not a size`, sizeFix);
  const name = Object.keys(byteUnits).find((known) => known.toLowerCase() === unit.toLowerCase());
  const factor = Object.entries(byteUnits).find(([known]) => known === name)?.[1];
  if (factor === undefined) return invalid(`"${unit}" in "${text}" is not a unit of size`, suggestByteUnit(unit));
  return whole(Number(amount) * factor, text, 'size');
}

/** `250ms`, `30s`, `1.5h`, `1h30m`, `1d`, plain `0` → whole milliseconds. Units go from large to small. */
export function parseDuration(input: string | number): UnitResult {
  const text = String(input).trim();
  if (/^0+(\.0*)?$/.test(text)) return { ok: true, value: 0 };
  if (isNumber(text)) return unitMissing('duration', text, durationFix);
  if (!/^(\d+(\.\d+)?\s*[a-z]+\s*)+$/i.test(text)) return invalid(`"${text}" is not a duration`, durationFix);
  let totalMs = 0;
  let smallestMs = Infinity;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/gi)) {
    const factor = Object.entries(timeUnits).find(([known]) => known === unit?.toLowerCase())?.[1];
    if (factor === undefined) return invalid(`"${unit}" in "${text}" is not a unit of time`, durationFix);
    if (factor >= smallestMs) return invalid(`the units in "${text}" do not go from large to small`, durationFix);
    smallestMs = factor;
    totalMs += Number(amount) * factor;
  }
  return whole(totalMs, text, 'duration');
}

/** Bytes as people write them: exact when that is short (`16GiB`, `16GB`), else one decimal (`31.2GiB`). */
export function formatSize(bytes: number): string {
  const binary = (['PiB', 'TiB', 'GiB', 'MiB', 'KiB'] as const).find((unit) => bytes >= byteUnits[unit]);
  if (binary === undefined) return `${Math.round(bytes)}B`;
  const exact = shortNumber(bytes / byteUnits[binary]);
  if (exact !== undefined) return `${exact}${binary}`;
  const decimal = (['PB', 'TB', 'GB', 'MB', 'kB'] as const).find((unit) => bytes >= byteUnits[unit]) ?? 'kB';
  const exactDecimal = shortNumber(bytes / byteUnits[decimal]);
  if (exactDecimal !== undefined) return `${exactDecimal}${decimal}`;
  return `${Number((bytes / byteUnits[binary]).toFixed(1))}${binary}`;
}

/** Milliseconds as people write them: the two largest units (`1h30m`, `2d4h`), `2.3s` below ten seconds, `250ms`. */
export function formatDuration(ms: number): string {
  if (ms < 0) return `-${formatDuration(-ms)}`;
  if (ms < 1_000) return `${Math.round(ms)}ms`;
  if (ms < 9_950) return `${Number((ms / 1_000).toFixed(1))}s`;
  const units = Object.entries(timeUnits).filter(([unit]) => unit !== 'ms');
  const largest = units.findIndex(([, factor]) => Math.round(ms / 1_000) * 1_000 >= factor);
  const shown = units.slice(largest, largest + 2);
  const step = shown.at(-1)?.[1] ?? 1_000;
  let rest = Math.round(ms / step) * step;
  // Rounding may have carried into the next larger unit (59m59.9s → 1h), so the count starts from the top again.
  const parts: string[] = [];
  for (const [unit, factor] of units) {
    const count = Math.floor(rest / factor);
    if (count > 0) parts.push(`${count}${unit}`);
    rest -= count * factor;
  }
  return parts.slice(0, 2).join('');
}

function isNumber(text: string): boolean {
  return text !== '' && Number.isFinite(Number(text));
}

function shortNumber(value: number): string | undefined {
  return value < 10_000 && Number(value.toFixed(2)) === value ? String(value) : undefined;
}

function suggestByteUnit(unit: string): string {
  const first = /^([kmgtp])i?$/i.exec(unit)?.[1];
  if (first === undefined) return sizeFix;
  const letter = first.toUpperCase();
  return `write "${letter}iB" (1024-based) or "${letter === 'K' ? 'k' : letter}B" (1000-based)`;
}

function whole(value: number, text: string, kind: string): UnitResult {
  const rounded = Math.round(value);
  if (rounded > Number.MAX_SAFE_INTEGER) return invalid(`the ${kind} "${text}" is too large`, 'write a smaller one');
  return { ok: true, value: rounded };
}

function invalid(message: string, fix: string): UnitResult {
  return { ok: false, code: 'CONFIG_INVALID', message, fix };
}

function unitMissing(kind: string, text: string, fix: string): UnitResult {
  if (Number(text) < 0) return invalid(`the ${kind} "${text}" is negative`, fix);
  return { ok: false, code: 'CONFIG_UNIT_MISSING', message: `the ${kind} "${text}" has no unit`, fix };
}
