import * as z from 'zod';
import { loopbackDefaults } from './loopback-options.ts';

const rate = z.number().min(0).max(1);

/** What the configuration may say about the loopback driver. Durations in milliseconds. */
export const loopbackParams = z.strictObject({
  maxInstances: z
    .int()
    .min(1)
    .max(1000)
    .default(loopbackDefaults.maxInstances)
    .describe('How many VMs may exist at once; beyond it the driver answers with a quota error.'),
  bootDelayMs: z
    .number()
    .min(0)
    .max(3_600_000)
    .default(loopbackDefaults.bootDelayMs)
    .describe('How long a VM waits before it boots, to show what a slower cloud does.'),
  createFailureRate: rate
    .default(loopbackDefaults.createFailureRate)
    .describe('For demonstrations: the probability that creating a VM fails.'),
  bootFailureRate: rate
    .default(loopbackDefaults.bootFailureRate)
    .describe('For demonstrations: the probability that a VM comes up without an SSH server.'),
  lossesPerHour: z
    .number()
    .min(0)
    .max(3_600)
    .default(loopbackDefaults.lossesPerHour)
    .describe('For demonstrations: how often per hour, on average, a VM dies of itself.'),
  preemptionsPerHour: z
    .number()
    .min(0)
    .max(3_600)
    .default(loopbackDefaults.preemptionsPerHour)
    .describe('For demonstrations: how often per hour, on average, a preemptible VM is taken away.'),
  preemptionNoticeMs: z
    .number()
    .min(0)
    .max(3_600_000)
    .default(loopbackDefaults.preemptionNoticeMs)
    .describe('How long before it is taken away a preemptible VM is told so.'),
});

/** Parameters of the loopback driver, all filled in. */
export type LoopbackParams = z.output<typeof loopbackParams>;

/** The same as JSON Schema draft-07. */
export const loopbackParamsJsonSchema: Readonly<Record<string, unknown>> = z.toJSONSchema(loopbackParams, {
  target: 'draft-7',
  io: 'input',
});
