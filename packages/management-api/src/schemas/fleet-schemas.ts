import type { InstanceType, InstanceView, TypeRejection, WhyAnswer } from '@drover/spec';
import * as z from 'zod';
import { containerStates, timeMs } from './container-schemas.ts';

/** One instance as operators see it; `instanceId` is empty for a create in flight. */
export const instanceViewSchema = z.object({
  instanceId: z.string(),
  address: z.string(),
  pricePerHour: z.number(),
  instanceType: z.string(),
  providerType: z.string(),
  state: z.enum(['unknown', 'booting', 'idle', 'running', 'shutdown']),
  idleBehavior: z.enum(['run', 'hold', 'drain']),
  lastContainerUuid: z.string().exactOptional(),
  lastBusyAtMs: timeMs.exactOptional(),
  createdAtMs: timeMs,
  containers: z.array(z.string()),
  note: z.string().exactOptional(),
  vcpus: z.number(),
  ramBytes: z.number(),
}) satisfies z.ZodType<InstanceView>;

export const instanceListSchema = z.object({ items: z.array(instanceViewSchema) });

/** A configured instance type. */
export const instanceTypeSchema = z.object({
  name: z.string(),
  providerType: z.string(),
  vcpus: z.number(),
  ramBytes: z.number(),
  scratchBytes: z.number(),
  includedScratchBytes: z.number(),
  addedScratchBytes: z.number(),
  pricePerHour: z.number(),
  preemptible: z.boolean(),
  gpu: z
    .object({
      stack: z.enum(['cuda', 'rocm']),
      count: z.number(),
      vramBytes: z.number(),
      driverVersion: z.string(),
      hardwareTarget: z.string(),
    })
    .exactOptional(),
}) satisfies z.ZodType<InstanceType>;

export const instanceTypeListSchema = z.object({ items: z.array(instanceTypeSchema) });

export const typeRejectionSchema = z.object({
  instanceType: z.string(),
  constraint: z.string(),
  message: z.string(),
}) satisfies z.ZodType<TypeRejection>;

/** Which types fit a container, best first, and why the others do not. */
export const typeExplanationSchema = z.object({
  eligibleTypes: z.array(z.string()),
  rejections: z.array(typeRejectionSchema),
});

/** Which types fit a container, best first, and why the others do not. */
export interface TypeExplanation {
  readonly eligibleTypes: readonly string[];
  readonly rejections: readonly TypeRejection[];
}

const whyCodes = [
  'starting',
  'running',
  'finished',
  'priority-zero',
  'waiting-for-boot',
  'waiting-for-create',
  'waiting-for-lock',
  'over-quota',
  'container-limit',
  'supervisor-limit',
  'at-capacity',
  'create-declined',
  'former-attempt-alive',
  'unsatisfiable',
  'recovering',
  'queue-unavailable',
] as const;

/** Why a container waits, or does not. */
export const whyAnswerSchema = z.object({
  uuid: z.string(),
  code: z.enum(whyCodes),
  sentence: z.string(),
  position: z.number().exactOptional(),
  sinceMs: timeMs,
  eligibleTypes: z.array(z.string()),
  rejections: z.array(typeRejectionSchema),
}) satisfies z.ZodType<WhyAnswer>;

/** The dispatcher at a glance. `containers` is absent where the queue is not drover's own. */
export const statusSchema = z.object({
  version: z.string(),
  startedAtMs: timeMs,
  healthy: z.boolean(),
  ready: z.boolean(),
  messages: z.array(z.string()),
  containers: z.record(z.enum(containerStates), z.number()).exactOptional(),
  instances: z.object({
    total: z.number(),
    byState: z.record(z.string(), z.number()),
    pricePerHour: z.number(),
  }),
});

export type DispatcherStatus = z.infer<typeof statusSchema>;
