import type { SshRecord } from './vm/vm-files.ts';
import * as z from 'zod';

/** What a VM was made with, as its folder keeps it. */
export const vmRecord = z.object({
  version: z.literal(1),
  id: z.string(),
  createId: z.string(),
  instanceType: z.string(),
  providerType: z.string(),
  offeringId: z.string(),
  zone: z.string(),
  pricePerHour: z.number(),
  imageId: z.string(),
  authorizedKey: z.string(),
  initCommand: z.string(),
  marker: z.string(),
  isolated: z.boolean(),
  /** Wall time. */
  createdAtMs: z.number(),
  bootDelayMs: z.number(),
  bootFails: z.boolean(),
  lostAfterMs: z.number(),
  preemptedAfterMs: z.number().default(0),
  preemptionNoticeMs: z.number().default(0),
});

export type VmRecord = z.output<typeof vmRecord>;

export const vmTags = z.record(z.string(), z.string());

export const sshRecord: z.ZodType<SshRecord> = z.object({
  port: z.int().min(1).max(65_535),
  hostKey: z.string().regex(/^\S+ \S+$/),
});
