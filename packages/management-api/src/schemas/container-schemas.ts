import type {
  Attempt,
  ContainerEvent,
  ContainerRecord,
  ContainerSpec,
  ContainerState,
  ContainerSummary,
  RunResult,
} from '@drover/spec';
import * as z from 'zod';

/** Milliseconds since the Unix epoch. */
export const timeMs = z.number().describe('Milliseconds since the Unix epoch.');

/** Every state that a container can be in. */
export const containerStates = ['Queued', 'Locked', 'Running', 'Complete', 'Cancelled'] as const;

export const containerStateSchema = z.enum(containerStates) satisfies z.ZodType<ContainerState>;

/** True once nothing will change any more. */
export function isFinal(state: ContainerState): boolean {
  return state === 'Complete' || state === 'Cancelled';
}

const gpuNeeds = z.object({
  stack: z.string(),
  count: z.number(),
  vramBytes: z.number(),
  driverVersion: z.string().exactOptional(),
  hardwareTargets: z.array(z.string()),
});

/** The resolved form of a container file: sizes in bytes, durations in milliseconds. */
export const containerSpecSchema = z.object({
  name: z.string().exactOptional(),
  image: z.string().exactOptional(),
  command: z.array(z.string()),
  env: z.record(z.string(), z.string()),
  cwd: z.string().exactOptional(),
  resources: z.object({
    vcpus: z.number(),
    ramBytes: z.number(),
    cacheRamBytes: z.number(),
    scratchBytes: z.array(z.number()),
    cacheDiskBytes: z.number(),
    gpu: gpuNeeds.exactOptional(),
  }),
  scheduling: z.object({
    priority: z.number(),
    preemptible: z.union([z.boolean(), z.literal('prefer')]),
    supervisor: z.boolean(),
    maxRunTimeMs: z.number().exactOptional(),
    instanceTypes: z.array(z.string()).exactOptional(),
    maxPricePerHour: z.number().exactOptional(),
  }),
  retry: z.object({ attempts: z.number(), on: z.array(z.enum(['exit-code', 'timeout', 'oom'])) }),
}) satisfies z.ZodType<ContainerSpec>;

export const logStreamSchema = z.enum(['stdout', 'stderr']);

export const runResultSchema = z.object({
  exitCode: z.number().exactOptional(),
  signal: z.string().exactOptional(),
  oom: z.boolean(),
  timedOut: z.boolean(),
  killed: z.boolean(),
  preempted: z.boolean(),
  startError: z.string().exactOptional(),
  unknown: z.boolean(),
  startedAtMs: timeMs,
  finishedAtMs: timeMs,
  peakRamBytes: z.number().exactOptional(),
  logs: z.array(
    z.object({ stream: logStreamSchema, sizeBytes: z.number(), droppedBytes: z.number(), sha256: z.string() }),
  ),
}) satisfies z.ZodType<RunResult>;

export const attemptSchema = z.object({
  generation: z.number(),
  instanceId: z.string().exactOptional(),
  instanceType: z.string().exactOptional(),
  pricePerHour: z.number().exactOptional(),
  lockedAtMs: timeMs,
  startedAtMs: timeMs.exactOptional(),
  endedAtMs: timeMs.exactOptional(),
  outcome: z
    .enum([
      'result',
      'unlocked',
      'cancelled',
      'instance-lost',
      'preempted',
      'boot-failed',
      'start-failed',
      'runner-lost',
    ])
    .exactOptional(),
  detail: z.string().exactOptional(),
  result: runResultSchema.exactOptional(),
}) satisfies z.ZodType<Attempt>;

export const containerRecordSchema = z.object({
  uuid: z.string(),
  state: containerStateSchema,
  priority: z.number(),
  generation: z.number(),
  spec: containerSpecSchema,
  submittedAtMs: timeMs,
  finishedAtMs: timeMs.exactOptional(),
  result: runResultSchema.exactOptional(),
  cancelReason: z.string().exactOptional(),
  instanceId: z.string().exactOptional(),
  attempts: z.array(attemptSchema),
}) satisfies z.ZodType<ContainerRecord>;

export const containerSummarySchema = z.object({
  uuid: z.string(),
  name: z.string().exactOptional(),
  state: containerStateSchema,
  priority: z.number(),
  generation: z.number(),
  command: z.array(z.string()),
  submittedAtMs: timeMs,
  startedAtMs: timeMs.exactOptional(),
  finishedAtMs: timeMs.exactOptional(),
  exitCode: z.number().exactOptional(),
  signal: z.string().exactOptional(),
  instanceId: z.string().exactOptional(),
}) satisfies z.ZodType<ContainerSummary>;

/** A page of containers, newest first; `next` is what to pass as `after` for the following page. */
export const containerListSchema = z.object({
  items: z.array(containerSummarySchema),
  next: z.string().exactOptional(),
});

export const containerEventSchema = z.object({
  sequence: z.number(),
  atMs: timeMs,
  uuid: z.string(),
  kind: z.enum(['submitted', 'locked', 'unlocked', 'started', 'finished', 'lost', 'cancelled', 'priority']),
  generation: z.number(),
  state: containerStateSchema,
  detail: z.string().exactOptional(),
}) satisfies z.ZodType<ContainerEvent>;

/**
 * A page of history, oldest first; `next` is what to pass as `after` for the following page, `last` the highest sequence of all
 * containers so far.
 */
export const containerEventListSchema = z.object({
  items: z.array(containerEventSchema),
  next: z.number(),
  last: z.number(),
});

/** The UUIDs of submitted containers, in the order of the request. */
export const submittedSchema = z.object({ uuids: z.array(z.string()) });
