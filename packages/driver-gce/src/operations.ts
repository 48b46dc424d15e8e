import { type CallOptions, type Clock, TransientCloudError } from '@drover/spec';
import * as z from 'zod';
import { OperationFailure } from './fault.ts';
import type { GceTimings } from './gce-options.ts';
import { mapError } from './map-error.ts';
import type { GceParams } from './params.ts';
import { type GceSdk, sdkCall } from './sdk-subset.ts';

const operationSchema = z.object({
  name: z.string().min(1),
  status: z.string().nullish(),
  error: z.unknown().optional(),
  httpErrorStatusCode: z.number().nullish(),
  httpErrorMessage: z.string().nullish(),
});

/** Something that the cloud has accepted and does in its own time. */
export type GceOperation = z.output<typeof operationSchema>;

/** What following operations needs. */
export interface OperationsContext {
  readonly sdk: Pick<GceSdk, 'operations'>;
  readonly clock: Clock;
  readonly params: Pick<GceParams, 'project'>;
  readonly timings: Pick<GceTimings, 'pollPauseMs'>;
}

/** @throws TransientCloudError when the answer is no operation: whether anything was begun is not known */
export function parseOperation(answer: unknown): GceOperation {
  const parsed = operationSchema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new TransientCloudError(`gce: an answer of the API is no operation: ${parsed.error.message}`);
}

/** Whether it has ended, however. */
export function isDone({ status }: GceOperation): boolean {
  return status === 'DONE';
}

/** How it failed; undefined while it runs and when it went well. An operation that is done may carry an error all the same. */
export function failureOf(operation: GceOperation): OperationFailure | undefined {
  const { error, httpErrorStatusCode, httpErrorMessage, name } = operation;
  const hasErrors = typeof error === 'object' && error !== null && 'errors' in error && isFilled(error.errors);
  if (!isDone(operation) || !(hasErrors || (httpErrorStatusCode ?? 0) >= 400)) return undefined;
  return new OperationFailure(error, httpErrorStatusCode || undefined, httpErrorMessage || `operation ${name} failed`);
}

/**
 * Waits until an operation is done or time is up, and gives it as it then is. A look that fails is no answer about the operation:
 * it is repeated.
 * @throws AuthError when operations may not be looked at; the signal's reason when it is aborted
 */
export async function waitForOperation(
  operation: GceOperation,
  zone: string,
  options: CallOptions & { readonly withinMs: number },
  context: OperationsContext,
): Promise<GceOperation> {
  const { clock, timings } = context;
  const { signal, withinMs } = options;
  const untilMs = clock.monotonicMs() + withinMs;
  let latest = operation;
  while (!isDone(latest)) {
    const askedAtMs = clock.monotonicMs();
    const leftMs = untilMs - askedAtMs;
    if (leftMs <= 0) break;
    latest = (await look(latest, zone, { signal, withinMs: leftMs }, context)) ?? latest;
    signal.throwIfAborted();
    // A look lasts as long as the operation does. One that is over at once must not make this loop a busy one.
    const pauseMs = Math.min(timings.pollPauseMs, untilMs - clock.monotonicMs()) - (clock.monotonicMs() - askedAtMs);
    if (!isDone(latest) && pauseMs > 0) await clock.sleep(pauseMs, { signal });
  }
  return latest;
}

/** One look: the cloud answers when it is done, and after two minutes at the latest. Undefined when there was no answer. */
async function look(
  { name }: GceOperation,
  zone: string,
  { signal, withinMs }: CallOptions & { readonly withinMs: number },
  { sdk, clock, params }: OperationsContext,
): Promise<GceOperation | undefined> {
  const timeUp = new AbortController();
  const cancelTimer = clock.timer(withinMs, () => timeUp.abort());
  const options = sdkCall({ signal: AbortSignal.any([signal, timeUp.signal]) });
  try {
    const [answer] = await sdk.operations.wait({ project: params.project, zone, operation: name }, options);
    return parseOperation(answer);
  } catch (thrown) {
    const error = mapError(thrown, { doing: `look at operation ${name}`, wallMs: clock.wallMs() });
    if (error.code === 'CLOUD_AUTH') throw error;
    return undefined;
  } finally {
    cancelTimer();
  }
}

function isFilled(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}
