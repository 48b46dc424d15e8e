import { ConfigError, type ErrorCode, type Problem } from '@drover/spec';
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments } from 'yaml';
import type * as z from 'zod';
import { schemaProblems, type TextPlace, type ValuePath } from './schema-problems.ts';

/** A text and the name to blame in messages. */
export interface SourceText {
  /** A path as the user gave it, or `-` for standard input. */
  readonly file: string;
  readonly text: string;
}

/** One value of a YAML or JSON text that knows where its parts stand. */
export interface SourceDocument {
  /** Plain data, not validated. */
  readonly value: unknown;
  /** Where a value or its key stands, or the nearest thing above it that has a place; undefined where it is no file. */
  readonly locate: (path: ValuePath, of: 'value' | 'key') => TextPlace | undefined;
}

/** More aliases than this in one document are an attack ("billion laughs"), not a file. */
const maxAliases = 100;

/**
 * Parses all documents of a YAML text (JSON is YAML); empty ones are left out.
 * @throws ConfigError (CONFIG_SYNTAX) with every syntax error and its place.
 */
export function parseYaml(source: SourceText): readonly SourceDocument[] {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(source.text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const documents = Array.isArray(parsed) ? parsed : [];
  const place = (offset: number): TextPlace => {
    const { line, col } = lines.linePos(offset);
    return { file: source.file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const problems = documents.flatMap((document) =>
    document.errors.map((error) => syntaxProblem(error.message, place(error.pos[0]))),
  );
  if (problems.length > 0) throw new ConfigError(problems);
  return documents
    .map((document) => ({
      value: plainValue(document, place),
      locate: (path: ValuePath, of: 'value' | 'key') => place(offsetOf(document, path, of)),
    }))
    .filter((document) => document.value !== null && document.value !== undefined);
}

/**
 * Parses a text that holds exactly one document and validates it.
 * @throws ConfigError with all problems at once.
 */
export function readDocument<T>(source: SourceText, schema: z.ZodType<T>, options: ReadOptions = {}): T {
  const [document, second] = parseYaml(source);
  if (document === undefined) {
    throw new ConfigError([syntaxProblem('the file is empty', { file: source.file, line: 1, column: 1 })]);
  }
  if (second !== undefined) {
    throw new ConfigError([syntaxProblem('the file holds more than one document', second.locate([], 'value'))]);
  }
  return validateDocuments([document], schema, options)[0] ?? unreachable();
}

/** How findings are reported. */
export interface ReadOptions {
  /** The code for values out of bounds; default CONFIG_INVALID. */
  readonly invalidCode?: ErrorCode;
}

/**
 * Validates every document by one schema.
 * @throws ConfigError with the problems of all of them.
 */
export function validateDocuments<T>(
  documents: readonly SourceDocument[],
  schema: z.ZodType<T>,
  options: ReadOptions = {},
): readonly T[] {
  const problems: Problem[] = [];
  const values: T[] = [];
  for (const document of documents) {
    const result = schema.safeParse(document.value, { reportInput: true });
    if (result.success) values.push(result.data);
    else problems.push(...schemaProblems(result.error.issues, { ...options, schema, locate: document.locate }));
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return values;
}

function syntaxProblem(message: string, place: TextPlace | undefined): Problem {
  return { code: 'CONFIG_SYNTAX', path: '', message: message.charAt(0).toLowerCase() + message.slice(1), ...place };
}

function plainValue(document: Document.Parsed, place: (offset: number) => TextPlace): unknown {
  try {
    return document.toJS({ maxAliasCount: maxAliases });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new ConfigError([syntaxProblem(message, place(document.range[0]))], { cause: error });
  }
}

function offsetOf(document: Document.Parsed, path: ValuePath, of: 'value' | 'key'): number {
  let node: Node | null | undefined = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [index, part] of path.entries()) {
    const last = index === path.length - 1;
    const child = childOf(isAlias(node) ? node.resolve(document) : node, part);
    if (child === undefined) return offset;
    const keyOffset = startOf(child.key) ?? startOf(child.value) ?? offset;
    offset = last && of === 'key' ? keyOffset : (startOf(child.value) ?? keyOffset);
    node = child.value;
  }
  return offset;
}

interface Child {
  readonly key: Node | undefined;
  readonly value: Node | undefined;
}

function childOf(node: unknown, part: PropertyKey): Child | undefined {
  if (isSeq<Node>(node) && typeof part === 'number') return { key: undefined, value: node.items[part] };
  if (!isMap<Node, Node | null>(node)) return undefined;
  const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(part));
  return pair === undefined ? undefined : { key: pair.key, value: pair.value ?? undefined };
}

function startOf(node: Node | null | undefined): number | undefined {
  return node?.range?.[0];
}

function unreachable(): never {
  throw new Error('validation gave neither a value nor a problem');
}
