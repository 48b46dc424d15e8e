import * as z from 'zod';
import { durationPattern, parseDuration, parseSize, sizePattern, type UnitResult } from './units.ts';

/** A schema for text with a unit of size; its output is whole bytes. */
export function size(): SizeSchema {
  return unitSchema('A size with its unit: 16GiB, 16GB, 512MiB.', sizePattern, ['16GiB', '512MiB'], parseSize);
}

/** A schema for text with units of time; its output is whole milliseconds. */
export function duration(): DurationSchema {
  return unitSchema('A duration with its unit: 250ms, 30s, 1h30m.', durationPattern, ['30s', '1h30m'], parseDuration);
}

/** Takes text or a plain 0, gives bytes. */
export type SizeSchema = ReturnType<typeof unitSchema>;

/** Takes text or a plain 0, gives milliseconds. */
export type DurationSchema = ReturnType<typeof unitSchema>;

function unitSchema(
  description: string,
  pattern: string,
  examples: readonly string[],
  parse: (input: string | number) => UnitResult,
) {
  return z
    .union([z.string().meta({ pattern, examples: [...examples] }), z.number().meta({ const: 0 })])
    .transform((input, context) => {
      const result = parse(input);
      if (result.ok) return result.value;
      // schema-problems.ts reads code and fix back from here.
      context.addIssue({ code: 'custom', message: result.message, params: { code: result.code, fix: result.fix } });
      return z.NEVER;
    })
    .meta({ description });
}
