import { type CallOptions, TransientCloudError } from '@drover/spec';
import * as z from 'zod';
import type { GceCalls } from './gce-calls.ts';
import { setMark } from './instance-resource.ts';
import { setLabel } from './labels.ts';
import { type GceInstance, isOfSet, parseInstance } from './map-instance.ts';

const pageSchema = z.object({
  items: z.array(z.unknown()).nullish(),
  nextPageToken: z.string().nullish(),
  warning: z.object({ code: z.string().nullish(), message: z.string().nullish() }).nullish(),
  unreachables: z.array(z.string()).nullish(),
});

/** Warnings that leave a page whole: there was nothing, or nothing on this page. */
const harmless = new Set(['NO_RESULTS_ON_PAGE', '', 'UNDEFINED_CODE']);

/**
 * Every VM of this set in one zone: all pages, or it fails. A warning is a failure too: Google answers 200 with a part of the
 * list when it cannot reach the rest.
 */
export async function listZone(zone: string, options: CallOptions, calls: GceCalls): Promise<readonly GceInstance[]> {
  const mark = setMark(calls.instanceSetId);
  const filter = `labels.${setLabel} = "${mark}"`;
  const found: GceInstance[] = [];
  let pageToken: string | undefined;
  do {
    const [, , raw] = await calls.list(zone, { filter, pageToken }, options);
    const page = parsePage(raw, zone);
    for (const item of page.items ?? []) found.push(parseInstance(item));
    pageToken = page.nextPageToken || undefined;
  } while (pageToken !== undefined);
  // Whatever the filter lets through: another set's VMs are never ours.
  return found.filter((instance) => isOfSet(instance, mark));
}

function parsePage(raw: unknown, zone: string): z.output<typeof pageSchema> {
  const parsed = pageSchema.safeParse(raw);
  if (!parsed.success) throw new TransientCloudError(`gce: the list of ${zone} is no list: ${parsed.error.message}`);
  const { warning, unreachables } = parsed.data;
  if (unreachables != null && unreachables.length > 0)
    throw new TransientCloudError(
      `gce: the list of ${zone} is not complete: ${unreachables.join(', ')} cannot be reached`,
    );
  if (warning != null && !harmless.has(warning.code ?? ''))
    throw new TransientCloudError(
      `gce: the list of ${zone} is not complete: ${warning.message ?? ''} (${warning.code ?? ''})`,
    );
  return parsed.data;
}
