import { ConfigError, type Problem } from '@drover/spec';
import type { TextPlace } from '../document/schema-problems.ts';
import { parseYaml, type SourceDocument, type SourceText } from '../document/yaml-document.ts';

/** True for a file named so, and for a text whose first line is a whole JSON object. */
export function looksLikeJsonLines(source: SourceText): boolean {
  if (/\.(jsonl|ndjson)$/i.test(source.file)) return true;
  const first = /^\s*(\{.*\})[ \t]*\r?(\n|$)/.exec(source.text)?.[1];
  if (first === undefined) return false;
  try {
    JSON.parse(first);
    return true;
  } catch {
    return false;
  }
}

/**
 * One JSON value per line, empty lines left out. Much quicker than YAML; places are worked out only when asked for.
 * @throws ConfigError (CONFIG_SYNTAX) with every line that is not JSON.
 */
export function jsonLines(source: SourceText): readonly SourceDocument[] {
  const problems: Problem[] = [];
  const documents: SourceDocument[] = [];
  for (const [index, text] of source.text.split('\n').entries()) {
    if (text.trim() === '') continue;
    const line = index + 1;
    try {
      const value: unknown = JSON.parse(text);
      documents.push({ value, locate: (path, of) => placeInLine(source.file, text, line, path, of) });
    } catch (error) {
      problems.push(notJson(source.file, line, error));
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return documents;
}

function placeInLine(
  file: string,
  text: string,
  line: number,
  path: readonly PropertyKey[],
  of: 'value' | 'key',
): TextPlace {
  const inner = parseYaml({ file, text })[0]?.locate(path, of);
  return { file, line, column: inner?.column ?? 1 };
}

function notJson(file: string, line: number, error: unknown): Problem {
  const reason = error instanceof Error ? error.message : String(error);
  const column = Number(/at position (\d+)/.exec(reason)?.[1] ?? 0) + 1;
  const message = `this line is not JSON: ${reason.replace(/ in JSON at position.*$/, '')}`;
  return { code: 'CONFIG_SYNTAX', path: '', message, file, line, column };
}
