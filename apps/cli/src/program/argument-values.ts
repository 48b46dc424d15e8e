import { InvalidArgumentError } from 'commander';

/** A whole number, 0 or more. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

/** A number, 0 or more. */
export function decimal(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError('It must be a number.');
  return value;
}

/** Collects a repeatable option. */
export function collect(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}

/** Collects `KEY=value`; `KEY` alone takes the value from this environment. */
export function variable(
  text: string,
  before: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  const equals = text.indexOf('=');
  const key = equals === -1 ? text : text.slice(0, equals);
  const value = equals === -1 ? process.env[key] : text.slice(equals + 1);
  if (key === '') throw new InvalidArgumentError('It must be KEY=value.');
  if (value === undefined) throw new InvalidArgumentError(`${key} is not set here; write ${key}=value.`);
  return { ...before, [key]: value };
}

/** `true`, `false` or `prefer`. */
export function preemptible(text: string): boolean | 'prefer' {
  if (text === 'prefer') return 'prefer';
  if (text !== 'true' && text !== 'false') throw new InvalidArgumentError('It must be true, false or prefer.');
  return text === 'true';
}

/** `30s`, `2h` → milliseconds. */
export function seconds(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
  const factor = Object.entries(unitMs).find(([unit]) => unit === match?.[2])?.[1];
  if (match === null || factor === undefined) throw new InvalidArgumentError('It must have a unit, e.g. 30s or 2h.');
  return Number(match[1]) * factor;
}
