import * as z from 'zod';
import { type TraceRecord, traceVersion } from './trace-records.ts';

/** A record, or what is wrong with the line. */
export type ParsedRecord =
  | { readonly ok: true; readonly record: TraceRecord }
  /** `cut`: it is no whole JSON text, as when its writer died. */
  | { readonly ok: false; readonly cut: boolean; readonly message: string; readonly fix: string };

const time = z.number();
const amount = z.number().nonnegative();
const text = z.string();

const gpuNeeds = z.object({
  stack: text,
  count: amount,
  vramBytes: amount,
  driverVersion: text,
  hardwareTargets: z.array(text),
});

const resources = z.object({
  vcpus: amount,
  ramBytes: amount,
  cacheRamBytes: amount,
  scratchBytes: z.array(amount),
  cacheDiskBytes: amount,
  gpu: gpuNeeds.exactOptional(),
});

const ask = {
  uuid: text,
  submittedAtMs: time,
  resources,
  scheduling: z.object({
    preemptible: z.union([z.boolean(), z.literal('prefer')]),
    supervisor: z.boolean(),
    maxRunTimeMs: amount.exactOptional(),
    instanceTypes: z.array(text).exactOptional(),
    maxPricePerHour: amount.exactOptional(),
  }),
  priority: amount,
  name: text.exactOptional(),
};

const instanceType = z.object({
  name: text,
  providerType: text,
  vcpus: amount,
  ramBytes: amount,
  scratchBytes: amount,
  includedScratchBytes: amount,
  addedScratchBytes: amount,
  pricePerHour: amount,
  preemptible: z.boolean(),
  gpu: z
    .object({
      stack: z.enum(['cuda', 'rocm']),
      count: amount,
      vramBytes: amount,
      driverVersion: text,
      hardwareTarget: text,
    })
    .exactOptional(),
});

const instance = { type: z.literal('instance'), atMs: time };
const shortage = { type: z.literal('shortage'), atMs: time };
const ofVm = { ...instance, instanceId: text };

const record = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('drover-trace'),
    version: amount,
    atMs: time,
    droverVersion: text,
    instanceTypes: z.array(instanceType),
  }),
  z.object({ type: z.literal('submitted'), ...ask }),
  z.object({
    type: z.literal('ended'),
    ...ask,
    atMs: time,
    state: z.enum(['Complete', 'Cancelled']),
    firstStartedAtMs: time.exactOptional(),
    runMs: amount.exactOptional(),
    exitCode: z.number().exactOptional(),
    signal: text.exactOptional(),
    peakRamBytes: amount.exactOptional(),
    instanceId: text.exactOptional(),
    instanceType: text.exactOptional(),
    starts: amount,
    lostRuns: amount,
    lostRunMs: amount,
  }),
  z.discriminatedUnion('event', [
    z.object({
      ...instance,
      event: z.literal('asked'),
      createId: text,
      instanceType: text,
      offeringId: text,
      count: amount,
    }),
    z.object({ ...instance, event: z.literal('create-failed'), createId: text, instanceType: text, code: text }),
    z.object({
      ...ofVm,
      event: z.literal('running'),
      instanceType: text,
      offeringId: text.exactOptional(),
      zone: text.exactOptional(),
      pricePerHour: amount,
      found: z.literal(true).exactOptional(),
    }),
    z.object({ ...ofVm, event: z.literal('ready'), sinceCreateMs: amount }),
    z.object({ ...ofVm, event: z.literal('interrupted') }),
    z.object({ ...ofVm, event: z.literal('gone') }),
  ]),
  z.discriminatedUnion('kind', [
    z.object({
      ...shortage,
      kind: z.literal('capacity'),
      scope: text,
      instanceType: text,
      zone: text,
      preemptible: z.boolean(),
    }),
    z.object({ ...shortage, kind: z.literal('quota'), instances: amount }),
  ]),
]);

/** Reads one line of a trace. Fields that this version does not know are passed over. */
export function parseTraceRecord(line: string): ParsedRecord {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { ok: false, cut: true, message: 'the line is no JSON', fix: 'restore the line, or take it out' };
  }
  const version = versionOf(value);
  if (version !== undefined && version > traceVersion) {
    const message = `the trace has version ${version}; this drover reads up to ${traceVersion}`;
    return { ok: false, cut: false, message, fix: 'use a newer drover' };
  }
  const parsed = record.safeParse(value);
  if (parsed.success) return { ok: true, record: parsed.data };
  return { ok: false, cut: false, message: describe(value, parsed.error), fix: 'restore the line, or take it out' };
}

function versionOf(value: unknown): number | undefined {
  const isHeader = typeof value === 'object' && value !== null && 'type' in value && value.type === 'drover-trace';
  return isHeader && 'version' in value && typeof value.version === 'number' ? value.version : undefined;
}

function describe(value: unknown, error: z.ZodError): string {
  if (typeof value !== 'object' || value === null || !('type' in value)) return 'the line is no record of a trace';
  const [issue] = error.issues;
  const path = issue?.path.join('.') ?? '';
  const what = issue === undefined ? '' : `: ${path === '' ? '' : `${path}: `}${issue.message}`;
  return `the record "${String(value.type)}" is not valid${what}`;
}
