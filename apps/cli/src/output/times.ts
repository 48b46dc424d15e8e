import { formatDuration } from '@drover/management-api/units';

/** How long ago, in two units at most. */
export function age(atMs: number | undefined, nowMs = Date.now()): string | undefined {
  return atMs === undefined ? undefined : formatDuration(Math.max(0, nowMs - atMs));
}

/** Between two times; up to now while the second is missing. */
export function span(fromMs: number | undefined, toMs: number | undefined, nowMs = Date.now()): string | undefined {
  return fromMs === undefined ? undefined : formatDuration(Math.max(0, (toMs ?? nowMs) - fromMs));
}

/** A moment, in UTC, to the second. */
export function moment(atMs: number | undefined): string | undefined {
  return atMs === undefined ? undefined : `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}
