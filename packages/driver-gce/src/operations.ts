import { type CallOptions, type Clock, TransientCloudError } from '@drover/spec';
import * as z from 'zod';
import { OperationFailure } from './fault.ts';
import type { GceTimings } from './gce-options.ts';
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
 * it is repeated. Rejects only when it is aborted.
 */
export async function waitForOperation(
  operation: GceOperation,
  zone: string,
  options: CallOptions & { readonly withinMs: number },
  { sdk, clock, params, timings }: OperationsContext,
): Promise<GceOperation> {
  const { signal, withinMs } = options;
  const untilMs = clock.monotonicMs() + withinMs;
  let latest = operation;
  while (!isDone(latest) && clock.monotonicMs() < untilMs) {
    const wait = new AbortController();
    const cancelTimer = clock.timer(untilMs - clock.monotonicMs(), () => wait.abort());
    try {
      const request = { project: params.project, zone, operation: latest.name };
      // The cloud answers when it is done, and after two minutes at the latest.
      const [answer] = await sdk.operations.wait(request, sdkCall({ signal: AbortSignal.any([signal, wait.signal]) }));
      latest = parseOperation(answer);
    } catch {
      signal.throwIfAborted();
      if (!wait.signal.aborted) await clock.sleep(timings.pollPauseMs, { signal });
    } finally {
      cancelTimer();
    }
  }
  return latest;
}

function isFilled(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}
