import type { ContainerSpec } from '@drover/spec';
import * as z from 'zod';
import { duration, size } from '../units/unit-schemas.ts';
import { containerDefaults, containerLimits as limits } from './container-options.ts';
import { kernelRefusal } from './kernel-limits.ts';

/** Text that can become a C string: no NUL, no lone surrogate. */
const plainText = z
  .string()
  .refine((text) => !text.includes('\0'), problem('must not contain a NUL character'))
  .refine((text) => text.isWellFormed(), problem('is not valid Unicode'));

const oneLine = plainText.refine((text) => !/\p{Cc}/u.test(text), problem('must not contain control characters'));

const absolutePath = plainText
  .refine((path) => path.startsWith('/'), problem('must be an absolute path', 'begin it with "/"'))
  .refine((path) => Buffer.byteLength(path) < limits.maxPathBytes, problem('is longer than a path may be'));

const environment = z
  .record(z.string(), plainText)
  .refine(
    (env) => Object.keys(env).every((key) => /^[^=\0]+$/.test(key)),
    problem('has a name that is empty or holds "="'),
  );

const gpu = z.strictObject({
  stack: z.enum(['cuda', 'rocm']),
  count: z.int().min(1).max(limits.maxGpus).default(1),
  vram: size().default(0).describe('Per device.'),
  driverVersion: z
    .string()
    .regex(/^\d+(\.\d+)?$/, 'must be a decimal number in quotes, e.g. "12.2"')
    .optional()
    .describe('At least this; as text.'),
  hardwareTargets: z
    .array(oneLine.min(1))
    .default([])
    .describe('What the software was built for: compute capability "8.6" or ROCm target "gfx1100".'),
});

const resources = z.strictObject({
  vcpus: z
    .int()
    .min(0)
    .max(limits.maxVcpus)
    .default(containerDefaults.vcpus)
    .describe('Whole processors; 0 shares one with other such containers.'),
  ram: size().default(containerDefaults.ramBytes),
  scratch: z
    .union([size(), z.array(size()).max(limits.maxScratchMounts)])
    .optional()
    .describe('Disk space: one size, or one per mount.'),
  gpu: gpu.optional(),
});

const typePattern = oneLine
  .min(1)
  .regex(/^[A-Za-z0-9._*-]+$/, 'may hold letters, digits, ".", "_", "-" and "*" only')
  .describe('A name of an instance type; "*" stands for any characters.');

const scheduling = z.strictObject({
  priority: z
    .int()
    .min(0)
    .max(limits.maxPriority)
    .default(containerDefaults.priority)
    .describe('Higher first; 0: do not run.'),
  preemptible: z
    .union([z.boolean(), z.literal('prefer')])
    .default(false)
    .describe('Spot instances: only, never, or "prefer" them.'),
  supervisor: z.boolean().default(false).describe('It runs other containers.'),
  maxRunTime: duration()
    .refine((ms) => ms > 0, problem('must be longer than 0'))
    .optional(),
  instanceTypes: z.array(typePattern).max(limits.maxTypePatterns).optional(),
  maxPrice: z.number().positive().optional().describe('Per hour.'),
});

const retry = z.strictObject({
  attempts: z
    .int()
    .min(1)
    .max(limits.maxAttempts)
    .default(containerDefaults.attempts)
    .describe('In all, the first included.'),
  on: z.array(z.enum(['exit-code', 'timeout', 'oom'])).default(['exit-code', 'timeout', 'oom']),
});

/** One container as people write it. Lost and preempted VMs are tried again on their own and need no `retry`. */
export const containerFileSchema = z
  .strictObject({
    name: oneLine.min(1).max(limits.maxNameLength).optional(),
    image: oneLine
      .min(1)
      .max(limits.maxImageLength)
      .regex(/^\S+$/, 'must not contain spaces')
      .optional()
      .describe('Without one the command runs as a process on the VM.'),
    command: z
      .array(plainText)
      .min(1, 'must name a program, e.g. [sh, -c, "echo hello"]')
      .refine((command) => command[0] !== '', problem('begins with an empty program name')),
    env: environment.default({}),
    cwd: absolutePath.optional(),
    resources: resources.prefault({}),
    scheduling: scheduling.prefault({}),
    retry: retry.prefault({}),
  })
  .superRefine((file, context) => {
    const refusal = kernelRefusal(file.command, file.env);
    if (refusal === undefined) return;
    const params = { code: 'CONTAINER_TOO_LARGE', fix: refusal.fix };
    context.addIssue({ code: 'custom', path: [...refusal.path], message: refusal.message, params });
  });

/** What people write; see `containerFileSchema`. */
export type ContainerFile = z.input<typeof containerFileSchema>;

/** The same schema with the contract's type as its output. */
export const containerSchema = containerFileSchema.transform(toContainerSpec);

function toContainerSpec(file: z.output<typeof containerFileSchema>): ContainerSpec {
  const { resources, scheduling } = file;
  const { gpu, scratch = [] } = resources;
  return {
    ...(file.name === undefined ? {} : { name: file.name }),
    ...(file.image === undefined ? {} : { image: file.image }),
    command: file.command,
    env: file.env,
    ...(file.cwd === undefined ? {} : { cwd: file.cwd }),
    resources: {
      vcpus: resources.vcpus,
      ramBytes: resources.ram,
      cacheRamBytes: 0,
      scratchBytes: Array.isArray(scratch) ? scratch : [scratch],
      cacheDiskBytes: 0,
      ...(gpu === undefined ? {} : { gpu: toGpuNeeds(gpu) }),
    },
    scheduling: {
      priority: scheduling.priority,
      preemptible: scheduling.preemptible,
      supervisor: scheduling.supervisor,
      ...(scheduling.maxRunTime === undefined ? {} : { maxRunTimeMs: scheduling.maxRunTime }),
      ...(scheduling.instanceTypes === undefined ? {} : { instanceTypes: scheduling.instanceTypes }),
      ...(scheduling.maxPrice === undefined ? {} : { maxPricePerHour: scheduling.maxPrice }),
    },
    retry: { attempts: file.retry.attempts, on: [...new Set(file.retry.on)] },
  };
}

function toGpuNeeds(needs: z.output<typeof gpu>) {
  return {
    stack: needs.stack,
    count: needs.count,
    vramBytes: needs.vram,
    ...(needs.driverVersion === undefined ? {} : { driverVersion: needs.driverVersion }),
    hardwareTargets: needs.hardwareTargets,
  };
}

function problem(message: string, fix?: string) {
  return { error: message, params: { code: 'CONTAINER_INVALID', ...(fix === undefined ? {} : { fix }) } };
}
