import { ConfigError, type Problem } from '@drover/spec';
import { readSecret } from './config/secret-reference.ts';

/** A driver's parameters with their secrets filled in, and what could not be read. */
export interface FilledParams {
  readonly params: Readonly<Record<string, unknown>>;
  readonly problems: readonly Problem[];
}

/**
 * Reads the secrets of a driver: every parameter that its JSON schema marks `writeOnly` and that the configuration gives as text is a
 * reference, `file:PATH` or `env:NAME`, and is replaced by what it refers to.
 */
export function readDriverSecrets(
  params: Readonly<Record<string, unknown>>,
  schema: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
): FilledParams {
  const filled: Record<string, unknown> = { ...params };
  const problems: Problem[] = [];
  for (const name of secretNames(schema)) {
    const reference = params[name];
    if (typeof reference !== 'string') continue;
    try {
      filled[name] = readSecret(`driver.${name}`, reference, env);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
    }
  }
  return { params: filled, problems };
}

function secretNames(schema: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(Object(schema['properties'])).flatMap(([name, property]) =>
    Object(property)['writeOnly'] === true ? [name] : [],
  );
}
