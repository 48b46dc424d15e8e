import { ConfigError, type Problem } from '@drover/spec';
import { parseYaml, schemaProblems, type SourceDocument, type ValuePath } from '@drover/management-api';
import { parse } from 'yaml';
import { type ConfigFile, configSchema } from './config-schema.ts';

/** Where settings come from, strongest first: flags, environment, file, defaults. */
export interface ConfigSources {
  readonly file?: { readonly path: string; readonly text: string };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Dotted path to value, e.g. `pool.maxInstances`. */
  readonly flags: Readonly<Record<string, unknown>>;
}

const envPrefix = 'DROVER__';

/**
 * Lays the sources over each other and validates the whole.
 * @throws ConfigError with every problem, those of the file with line and column.
 */
export function mergeConfig(sources: ConfigSources): ConfigFile {
  const document = sources.file === undefined ? undefined : onlyDocument(sources.file);
  const merged: unknown = structuredClone(document?.value ?? {});
  const overrides = new Map<string, string>();
  for (const [name, text] of Object.entries(sources.env)) {
    if (!name.startsWith(envPrefix) || text === undefined) continue;
    const path = name.slice(envPrefix.length).split('__').map(camelCase);
    setAt(merged, path, scalar(text));
    overrides.set(path.join('.'), name);
  }
  for (const [path, value] of Object.entries(sources.flags)) setAt(merged, path.split('.'), value);

  const result = configSchema.safeParse(merged, { reportInput: true });
  if (result.success) return result.data;
  const locate = (path: ValuePath, of: 'value' | 'key'): ReturnType<SourceDocument['locate']> | undefined =>
    overrides.has(path.join('.')) ? undefined : document?.locate(path, of);
  const problems = schemaProblems(result.error.issues, { schema: configSchema, locate });
  throw new ConfigError(problems.map((problem) => namingVariable(problem, overrides)).toSorted(byPlace));
}

function onlyDocument(file: { readonly path: string; readonly text: string }): SourceDocument | undefined {
  const [document, second] = parseYaml({ file: file.path, text: file.text });
  if (second !== undefined) {
    const place = second.locate([], 'value');
    throw new ConfigError([
      { code: 'CONFIG_SYNTAX', path: '', message: 'the file holds more than one document', ...place },
    ]);
  }
  if (document !== undefined && (typeof document.value !== 'object' || Array.isArray(document.value))) {
    const place = document.locate([], 'value');
    throw new ConfigError([
      { code: 'CONFIG_WRONG_TYPE', path: '', message: 'the document must be a mapping', ...place },
    ]);
  }
  return document;
}

function byPlace(a: Problem, b: Problem): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

function namingVariable(problem: Problem, overrides: ReadonlyMap<string, string>): Problem {
  const variable = overrides.get(problem.path);
  return variable === undefined ? problem : { ...problem, message: `${problem.message} (from ${variable})` };
}

/** `MAX_INSTANCES` → `maxInstances`. */
function camelCase(name: string): string {
  return name.toLowerCase().replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Numbers and booleans as YAML reads them; everything else stays text. */
function scalar(text: string): unknown {
  const value: unknown = /^[\d.+-]|^(true|false)$/.test(text) ? parse(text) : text;
  return typeof value === 'number' || typeof value === 'boolean' ? value : text;
}

function setAt(target: unknown, path: readonly string[], value: unknown): void {
  const [key, ...rest] = path;
  if (key === undefined || !isRecord(target)) return;
  if (rest.length === 0) {
    target[key] = value;
    return;
  }
  if (!isRecord(target[key])) target[key] = {};
  setAt(target[key], rest, value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
