/** What Nextflow writes for what it does not know. */
const notAvailable = '-';

const durationUnitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const sizeUnits = ['B', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB'];

/** A value of a trace file of Nextflow: known, not known, or not to be understood. */
export type NextflowValue = number | undefined | 'invalid';

/** `931ms`, `8.5s`, `3m 12s`, `1d 2h`, or milliseconds as a number when the file was written with raw values. */
export function nextflowDuration(text: string): NextflowValue {
  if (isUnknown(text)) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  let totalMs = 0;
  for (const part of text.split(/\s+/)) {
    const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(part) ?? [];
    const factor = durationUnitsMs[unit];
    if (amount === undefined || factor === undefined) return 'invalid';
    totalMs += Number(amount) * factor;
  }
  return totalMs;
}

/** `1.5 GB`, `0`, or bytes as a number. Its units are 1024-based. */
export function nextflowSize(text: string): NextflowValue {
  if (isUnknown(text)) return undefined;
  const [, amount, unit = 'B'] = /^(\d+(?:\.\d+)?)\s*([KMGTPEZ]?B)?$/i.exec(text) ?? [];
  if (amount === undefined) return 'invalid';
  return Math.round(Number(amount) * 1024 ** sizeUnits.indexOf(unit.toUpperCase()));
}

/** `2026-03-01 14:35:24.123` in the time zone of who wrote it, or milliseconds since 1970. Only differences are used. */
export function nextflowTime(text: string): NextflowValue {
  if (isUnknown(text)) return undefined;
  if (/^\d{9,}$/.test(text)) return Number(text);
  if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,3})?$/.test(text)) return 'invalid';
  const ms = Date.parse(`${text.replace(' ', 'T')}Z`);
  return Number.isNaN(ms) ? 'invalid' : ms;
}

/** A whole number. */
export function nextflowCount(text: string): NextflowValue {
  if (isUnknown(text)) return undefined;
  return /^-?\d+$/.test(text) ? Number(text) : 'invalid';
}

function isUnknown(text: string): boolean {
  return text === notAvailable || text === '';
}
