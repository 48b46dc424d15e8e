import type { ErrorCode, Problem } from '@drover/spec';
import { errorCodes } from '@drover/spec';
import type * as z from 'zod';
import { closestName } from './closest-name.ts';
import { knownKeys } from './known-keys.ts';

/** A place in the value: keys and indexes from the top. */
export type ValuePath = readonly PropertyKey[];

/** A place in a text; line and column count from 1. */
export interface TextPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface ProblemOptions {
  /** The schema that was violated, to know which keys it has. */
  readonly schema: z.ZodType;
  /** Where the value at this path stands in a file, or with `key` its key; undefined when it comes from elsewhere. */
  readonly locate: (path: ValuePath, of: 'value' | 'key') => TextPlace | undefined;
  /** For values of the right type that are out of bounds. Default CONFIG_INVALID. */
  readonly invalidCode?: ErrorCode;
}

type Issue = z.core.$ZodIssue;

/** Turns what zod found into problems with places, fixes and stable codes, in the order of the file. */
export function schemaProblems(issues: readonly Issue[], options: ProblemOptions): readonly Problem[] {
  const telling = issues.filter((issue) => !isSaidBetter(issue, issues));
  return telling.flatMap((issue) => problemsOf(issue, [], options)).toSorted(byPlace);
}

/** Of a number far too large zod says twice that it is too large: for the schema, and for a whole number. */
function isSaidBetter(issue: Issue, issues: readonly Issue[]): boolean {
  if (issue.code !== 'too_big' || issue.maximum !== Number.MAX_SAFE_INTEGER) return false;
  const path = dotted(issue.path);
  return issues.some((other) => other !== issue && other.code === 'too_big' && dotted(other.path) === path);
}

/** The order of a file; what has no place comes first. */
export function byPlace(a: Problem, b: Problem): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

function problemsOf(issue: Issue, prefix: ValuePath, options: ProblemOptions): readonly Problem[] {
  const path = [...prefix, ...issue.path];
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(key, path, options));
  if (issue.code === 'invalid_union') return unionProblems(issue, path, options);
  if (isMissing(issue)) {
    const message = `${quoted(path)} is required`;
    return [problem('CONFIG_INVALID', path, message, undefined, options.locate(path.slice(0, -1), 'key'), options)];
  }
  const place = options.locate(path, 'value');
  if (issue.code === 'invalid_type') {
    const but = Number.isNaN(issue.input) ? '' : `, not ${typeOf(issue.input)}`;
    const message = `${quoted(path)} must be ${typeName(issue.expected)}${but}`;
    return [problem('CONFIG_WRONG_TYPE', path, message, quotesFix(issue.expected, issue.input), place, options)];
  }
  if (issue.code === 'invalid_value') {
    const values = issue.values.map((value) => JSON.stringify(value));
    const near = typeof issue.input === 'string' ? closestName(issue.input, issue.values.map(String)) : undefined;
    const fix = near === undefined ? undefined : `did you mean ${JSON.stringify(near)}?`;
    return [problem('CONFIG_INVALID', path, `${quoted(path)} must be ${oneOf(values)}`, fix, place, options)];
  }
  const code = asErrorCode(customText(issue, 'code')) ?? 'CONFIG_INVALID';
  return [problem(code, path, sentence(path, wording(issue)), customText(issue, 'fix'), place, options)];
}

function unknownKey(key: string, parent: ValuePath, options: ProblemOptions): Problem {
  const path = [...parent, key];
  const near = closestName(key, knownKeys(options.schema, parent));
  const where = parent.length === 0 ? '' : ` in ${dotted(parent)}`;
  const fix = near === undefined ? undefined : `did you mean ${JSON.stringify(near)}?`;
  return problem('CONFIG_UNKNOWN_KEY', path, `unknown key "${key}"${where}`, fix, options.locate(path, 'key'), options);
}

/** Of a union's branches, the one that got furthest speaks; when all fail at the value itself, they are listed. */
function unionProblems(issue: z.core.$ZodIssueInvalidUnion, path: ValuePath, options: ProblemOptions) {
  const deep = issue.errors.filter((branch) =>
    branch.every((inner) => inner.path.length > 0 || inner.code !== 'invalid_type'),
  );
  const spoken = deep.find((branch) => branch.every((inner) => inner.code !== 'invalid_value'));
  if (spoken !== undefined && spoken.length > 0) return spoken.flatMap((inner) => problemsOf(inner, path, options));
  const accepted = issue.errors.flat().flatMap((inner) => {
    if (inner.code === 'invalid_type') return [typeName(inner.expected)];
    return inner.code === 'invalid_value' ? inner.values.map((value) => JSON.stringify(value)) : [];
  });
  if (issue.input === undefined) {
    const place = options.locate(path.slice(0, -1), 'key');
    return [problem('CONFIG_INVALID', path, `${quoted(path)} is required`, undefined, place, options)];
  }
  const message =
    accepted.length === 0 ? `${quoted(path)} is not valid` : `${quoted(path)} must be ${oneOf([...new Set(accepted)])}`;
  return [problem('CONFIG_WRONG_TYPE', path, message, undefined, options.locate(path, 'value'), options)];
}

function problem(
  code: ErrorCode,
  path: ValuePath,
  message: string,
  fix: string | undefined,
  place: TextPlace | undefined,
  options: ProblemOptions,
): Problem {
  return {
    code: code === 'CONFIG_INVALID' ? (options.invalidCode ?? code) : code,
    path: dotted(path),
    message,
    ...(fix === undefined ? {} : { fix }),
    ...place,
  };
}

function isMissing(issue: Issue): boolean {
  return issue.path.length > 0 && issue.input === undefined && ['invalid_type', 'invalid_value'].includes(issue.code);
}

/** `resources.gpu.count`, `command[2]`. */
export function dotted(path: ValuePath): string {
  let text = '';
  for (const part of path) text += typeof part === 'number' ? `[${part}]` : `${text === '' ? '' : '.'}${String(part)}`;
  return text;
}

function quoted(path: ValuePath): string {
  return path.length === 0 ? 'the document' : `"${dotted(path)}"`;
}

/** YAML reads `8` as a number where text is wanted. */
function quotesFix(expected: string, input: unknown): string | undefined {
  const scalar = typeof input === 'number' || typeof input === 'boolean';
  return expected === 'string' && scalar ? `put it in quotes: "${input}"` : undefined;
}

/** A message that begins with a verb takes the setting as its subject. */
function sentence(path: ValuePath, words: string): string {
  if (/^(must|is|has|may|begins) /.test(words)) return `${quoted(path)} ${words}`;
  return path.length === 0 ? words : `${dotted(path)}: ${words}`;
}

function wording(issue: Issue): string {
  if (issue.code === 'too_small' && issue.message.startsWith('Too small')) {
    if (issue.origin === 'string' && Number(issue.minimum) === 1) return 'must not be empty';
    return `must ${bound(issue.origin)} ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}${things(issue.origin)}`;
  }
  if (issue.code === 'too_big' && issue.message.startsWith('Too big')) {
    return `must ${bound(issue.origin)} ${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}${things(issue.origin)}`;
  }
  return lowerFirst(issue.message);
}

function bound(origin: string): string {
  return ['string', 'array', 'set', 'map'].includes(origin) ? 'have' : 'be';
}

function things(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' ? ' entries' : '';
}

function oneOf(values: readonly string[]): string {
  if (values.length < 2) return values[0] ?? 'something else';
  return `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  null: 'null',
};

function typeName(zodName: string): string {
  return typeNames[zodName] ?? zodName;
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number') return Number.isInteger(value) ? 'a number' : 'a fraction';
  return typeNames[typeof value] ?? typeof value;
}

function customText(issue: Issue, key: 'code' | 'fix'): string | undefined {
  const value = issue.code === 'custom' ? issue.params?.[key] : undefined;
  return typeof value === 'string' ? value : undefined;
}

function asErrorCode(text: string | undefined): ErrorCode | undefined {
  return text !== undefined && isErrorCode(text) ? text : undefined;
}

function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(errorCodes, text);
}
