import { closestName } from '@drover/management-api/closest-name';
import { DroverError } from '@drover/spec';
import { z } from 'zod';
import type { Scenario } from '../scenario.ts';
import { scenarioFields, scenarioSchema, scenarioToJson } from './scenario-schema.ts';

/** Goes up when a plan of before would mean something else. */
export const planVersion = 1;

/** One run, small enough to be read and kept. */
export interface Plan {
  /** What it shows, in words. */
  readonly about: string;
  /** What it breaks, or broke before it was mended. */
  readonly breaks?: BrokenRule;
  /** Id of the planted bug of the ledger that it needs to break anything; absent: the product itself broke it once. */
  readonly plantedBug?: string;
  readonly scenario: Scenario;
}

/** A violation without its moment. */
export interface BrokenRule {
  readonly number: number;
  readonly rule: string;
  readonly detail: string;
}

const planSchema = z.strictObject({
  format: z.literal('drover simulation plan'),
  version: z.literal(planVersion),
  about: z.string(),
  breaks: z.strictObject({ number: z.int().min(0), rule: z.string(), detail: z.string() }).exactOptional(),
  plantedBug: z.string().exactOptional(),
  scenario: scenarioSchema,
});

/**
 * Reads a plan file. `name` is for messages.
 * @throws DroverError SIMULATION_PLAN_INVALID
 */
export function parsePlan(text: string, name: string): Plan {
  const { format: _format, version: _version, ...plan } = checked(readJson(text, name), name);
  return plan;
}

/** The text of a plan file: JSON, a list of numbers or names on one line. */
export function formatPlan({ about, plantedBug, breaks, scenario }: Plan): string {
  const head = { format: 'drover simulation plan', version: planVersion, about };
  const file = { ...head, plantedBug, breaks, scenario: scenarioToJson(scenario) };
  const spread = JSON.stringify(file, undefined, 2);
  return `${spread.replaceAll(/\[[^[\]{}]*\]/g, (list) => list.replaceAll(/\s*\n\s*/g, ' ').replaceAll(/\[ | \]/g, trimmed))}\n`;
}

function trimmed(bracket: string): string {
  return bracket.trim();
}

function readJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DroverError('SIMULATION_PLAN_INVALID', `${name} is not JSON: ${String(cause)}`, { cause });
  }
}

function checked(value: unknown, name: string): z.infer<typeof planSchema> {
  const { success, data, error } = planSchema.safeParse(value);
  if (success) return data;
  const problems = error.issues.map((issue) => `${issue.path.map(String).join('.') || 'the plan'}: ${issue.message}`);
  throw new DroverError('SIMULATION_PLAN_INVALID', `${name} is not a plan: ${problems.join('; ')}`, fixOf(error));
}

function fixOf(error: z.ZodError): { readonly fix?: string } {
  const unknown = error.issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : []));
  const near = unknown.map((key) => closestName(key, Object.keys(scenarioFields))).find((name) => name !== undefined);
  return near === undefined ? {} : { fix: `did you mean ${near}?` };
}
