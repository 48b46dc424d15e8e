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

/** Nothing is to be asked after its beginning and before its end: what goes out in the very instant has not heard of it. */
interface Period {
  readonly sinceMs: number;
  readonly untilMs: number;
}

const over: Period = { sinceMs: Number.NEGATIVE_INFINITY, untilMs: Number.NEGATIVE_INFINITY };

function isWithin({ sinceMs, untilMs }: Period, nowMs: number): boolean {
  return nowMs > sinceMs && nowMs < untilMs;
}

/** What one dispatcher was told; the next one starts without. */
class Told {
  held = over;
  quota = over;
  /** By offering, type, quota group, or `all`. */
  readonly noRoom = new Map<string, Period>();
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
      if (call.port === 'cloud' && call.operation === 'list' && answer.ok) told(call.dispatcher).quota = over;
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
  if (isWithin(told.held, nowMs))
    return `${createId} is asked for ${told.held.untilMs - nowMs} ms before the hold is over`;
  if (told.asked.has(createId)) return undefined;
  told.asked.add(createId);
  if (isWithin(told.quota, nowMs)) return `${createId} is asked for at quota`;
  const shut = scopesOf(call.request).find((scope) => isWithin(told.noRoom.get(scope) ?? over, nowMs));
  return shut === undefined ? undefined : `${createId} is asked for although there is no room: ${shut}`;
}

function learn(told: Told, request: CreateRequest, answer: PortAnswer, nowMs: number, times: HoldTimes): void {
  if (!answer.ok && answer.error instanceof RateLimitError) {
    // The later answer knows more, also when it ends earlier.
    told.held = { sinceMs: nowMs, untilMs: nowMs + (answer.error.retryAfterMs ?? times.firstBackoffMs) };
    return;
  }
  for (const error of errorsOf(answer)) {
    if (error instanceof QuotaError) told.quota = { sinceMs: nowMs, untilMs: nowMs + times.quotaRetryMs };
    const untilMs = nowMs + times.capacityRetryMs;
    if (error instanceof CapacityError) told.noRoom.set(scopeKey(error.scope, request), { sinceMs: nowMs, untilMs });
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
