import type { InstanceType } from '@drover/spec';
import { z } from 'zod';
import { faultNames } from '../faults/fault-names.ts';
import type { Scenario } from '../scenario.ts';
import { simulatedTypes } from './simulated-types.ts';

const hourMs = 3_600_000;
const count = z.int().min(0);
const ordinals = z.array(z.int().min(1));
const durationMs = z
  .number()
  .min(0)
  .max(10_000 * hourMs);
const range = z
  .tuple([durationMs, durationMs])
  .refine(([min, max]) => min <= max, { error: 'the first number must not be above the second' });

const instanceTypes = z
  .array(z.enum(simulatedTypes.map(({ name }) => name)))
  .min(1)
  .transform((names): readonly InstanceType[] => simulatedTypes.filter(({ name }) => names.includes(name)));

/** Every key of a scenario as JSON has it: instance types by name, times in milliseconds, ranges as two numbers. */
export const scenarioFields = {
  seed: z.int().min(0).max(0xffff_ffff),
  containers: z.int().min(0).max(10_000_000),
  submitOverMs: durationMs,
  instanceTypes,
  maxInstances: count,
  maxContainersPerInstance: count,
  runMs: range,
  bootMs: range,
  cloudLatencyMs: range,
  queueLatencyMs: range,
  sshLatencyMs: range,
  publishesHostKeys: z.boolean(),
  faults: z.array(z.enum(faultNames)),
  faultIntensity: z.number().min(0).max(100),
  healAtMs: durationMs,
  convergeWithinMs: durationMs,
  onlyContainers: ordinals.exactOptional(),
  strikes: z.record(z.string(), ordinals).exactOptional(),
} as const satisfies Record<keyof Scenario, z.ZodType>;

/** A whole scenario; keys that it does not know are refused. */
export const scenarioSchema = z.strictObject(scenarioFields);

/** What `scenarioSchema` reads. */
export function scenarioToJson(scenario: Scenario): Readonly<Record<string, unknown>> {
  return { ...scenario, instanceTypes: scenario.instanceTypes.map(({ name }) => name) };
}
