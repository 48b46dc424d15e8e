import { ConfigError, type Problem } from '@drover/spec';
import { parseYaml, schemaProblems, type SourceDocument, type TextPlace, type ValuePath } from '@drover/management-api';
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

/** The sources laid over each other, not yet validated. */
export interface MergedSources {
  readonly value: unknown;
  /** Where a setting or its key stands in the file; undefined when it comes from elsewhere. */
  readonly locate: (path: ValuePath, of: 'value' | 'key') => TextPlace | undefined;
  /** Says where a problem of a setting comes from: its place in the file, or the environment variable. */
  readonly blame: (problem: Problem) => Problem;
}

/** @throws ConfigError when the file is no YAML or no mapping. */
export function mergeSources(sources: ConfigSources): MergedSources {
  const document = sources.file === undefined ? undefined : onlyDocument(sources.file);
  const value: unknown = structuredClone(document?.value ?? {});
  const overrides = new Map<string, string>();
  for (const [name, text] of Object.entries(sources.env)) {
    if (!name.startsWith(envPrefix) || text === undefined) continue;
    const path = name.slice(envPrefix.length).split('__').map(camelCase);
    setAt(value, path, settingOf(text));
    overrides.set(path.join('.'), name);
  }
  for (const [path, setting] of Object.entries(sources.flags)) {
    setAt(value, path.split('.'), setting);
    overrides.set(path, '');
  }
  const locate: MergedSources['locate'] = (path, of) =>
    overrides.has(path.join('.')) ? undefined : document?.locate(path, of);
  const blame = (problem: Problem): Problem => {
    const variable = overrides.get(problem.path) ?? '';
    if (variable !== '') return { ...problem, message: `${problem.message} (from ${variable})` };
    const of = problem.code === 'CONFIG_UNKNOWN_KEY' ? 'key' : 'value';
    return problem.line === undefined ? { ...problem, ...locate(problem.path.split('.'), of) } : problem;
  };
  return { value, locate, blame };
}

/**
 * Validates the whole by the schema.
 * @throws ConfigError with every problem, those of the file with line and column.
 */
export function mergeConfig(sources: ConfigSources): ConfigFile {
  return parseSources(mergeSources(sources));
}

/** See `mergeConfig`. */
export function parseSources(merged: MergedSources): ConfigFile {
  const result = configSchema.safeParse(merged.value, { reportInput: true });
  if (result.success) return result.data;
  const problems = schemaProblems(result.error.issues, { schema: configSchema, locate: merged.locate });
  throw new ConfigError(problems.map(merged.blame));
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

/** `MAX_INSTANCES` → `maxInstances`. */
function camelCase(name: string): string {
  return name.toLowerCase().replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** A setting given as text: numbers and booleans as YAML reads them; everything else stays text. */
export function settingOf(text: string): unknown {
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
