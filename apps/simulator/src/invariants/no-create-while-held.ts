import { CapacityError, type CreateRequest, type CreateResult, QuotaError, RateLimitError } from '@drover/spec';
import { isCreate } from '../create-call.ts';
import type { PortAnswer, PortCall } from '../port-call.ts';
import type { Invariant } from './invariant.ts';

/** How long the dispatcher is to keep to what it was told. */
export interface HoldTimes {
  /** After a rate-limit answer that names no time, at least. */
  readonly firstBackoffMs: number;
  /** After a quota answer, unless a listing has shown since what there is. */
  readonly quotaRetryMs: number;
  readonly capacityRetryMs: number;
}

/** What one dispatcher was told; the next one starts without. */
class Told {
  heldUntilMs = Number.NEGATIVE_INFINITY;
  quotaUntilMs = Number.NEGATIVE_INFINITY;
  /** By offering, type, quota group, or `all`. */
  readonly noRoomUntilMs = new Map<string, number>();
  /** Asked for before: to ask again whether it was made makes nothing new. */
  readonly asked = new Set<string>();
}

/** 8: creates stop while the cloud asks for fewer calls, and where it said that there is no quota or no room. */
export function noCreateWhileHeld(nowMs: () => number, times: HoldTimes): Invariant {
  const byDispatcher = new Map<number, Told>();
  const told = (dispatcher: number): Told => {
    const known = byDispatcher.get(dispatcher) ?? new Told();
    byDispatcher.set(dispatcher, known);
    return known;
  };
  return {
    number: 8,
    rule: 'no create while held, at quota or at capacity',
    onCall: (call) => (isCreate(call) ? objection(call, told(call.dispatcher), nowMs()) : undefined),
    onAnswer: (call, answer) => {
      if (call.port === 'cloud' && call.operation === 'list' && answer.ok)
        told(call.dispatcher).quotaUntilMs = Number.NEGATIVE_INFINITY;
      if (isCreate(call)) learn(told(call.dispatcher), call.request, answer, nowMs(), times);
      return undefined;
    },
  };
}

function objection(
  call: PortCall & { readonly request: CreateRequest },
  told: Told,
  nowMs: number,
): string | undefined {
  const { createId } = call.request;
  if (nowMs < told.heldUntilMs)
    return `${createId} is asked for ${told.heldUntilMs - nowMs} ms before the hold is over`;
  if (told.asked.has(createId)) return undefined;
  told.asked.add(createId);
  if (nowMs < told.quotaUntilMs) return `${createId} is asked for at quota`;
  const shut = scopesOf(call.request).find(
    (scope) => nowMs < (told.noRoomUntilMs.get(scope) ?? Number.NEGATIVE_INFINITY),
  );
  return shut === undefined ? undefined : `${createId} is asked for although there is no room: ${shut}`;
}

function learn(told: Told, request: CreateRequest, answer: PortAnswer, nowMs: number, times: HoldTimes): void {
  if (!answer.ok && answer.error instanceof RateLimitError) {
    // The later answer knows more, also when it ends earlier.
    told.heldUntilMs = nowMs + (answer.error.retryAfterMs ?? times.firstBackoffMs);
    return;
  }
  for (const error of errorsOf(answer)) {
    if (error instanceof QuotaError) told.quotaUntilMs = nowMs + times.quotaRetryMs;
    if (error instanceof CapacityError)
      told.noRoomUntilMs.set(scopeKey(error.scope, request), nowMs + times.capacityRetryMs);
  }
}

function errorsOf(answer: PortAnswer): readonly unknown[] {
  if (!answer.ok) return [answer.error];
  const results: readonly unknown[] = Array.isArray(answer.value) ? answer.value : [];
  return results.filter(isResult).flatMap((result) => (result.ok ? [] : [result.error]));
}

function isResult(value: unknown): value is CreateResult {
  return typeof value === 'object' && value !== null && 'ok' in value;
}

function scopesOf(request: CreateRequest): readonly string[] {
  return (['all', 'quota-group', 'instance-type', 'offering'] as const).map((scope) => scopeKey(scope, request));
}

function scopeKey(scope: CapacityError['scope'], { instanceType, offering }: CreateRequest): string {
  if (scope === 'all') return 'all';
  return scope === 'offering' ? `offering ${offering.id}` : `${scope} ${instanceType.name}`;
}
