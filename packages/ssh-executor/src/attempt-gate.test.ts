import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { attemptDelayMs } from './attempt-gate.ts';
import { sshDefaults } from './executor-options.ts';

test.each([
  ['the first attempt', undefined, 5_000, 0.5, 0],
  ['after a failure, at once', { startedAtMs: 5_000, failed: true }, 5_000, 0, 10_000],
  ['after a failure, with the longest jitter', { startedAtMs: 5_000, failed: true }, 5_000, 0.999, 11_998],
  ['after a failure, later', { startedAtMs: 5_000, failed: true }, 12_000, 0, 3_000],
  ['after a failure, long ago', { startedAtMs: 5_000, failed: true }, 60_000, 0.9, 0],
  ['after a success that was lost at once', { startedAtMs: 5_000, failed: false }, 5_100, 0, 900],
  ['after a success, lost later', { startedAtMs: 5_000, failed: false }, 9_000, 0.9, 0],
])('%s', (_name, last, nowMs, draw, expected) => {
  expect(attemptDelayMs(last, nowMs, draw, sshDefaults)).toBeCloseTo(expected);
});

test('never less than 10 s from one failed attempt to the next', () => {
  const time = fc.integer({ min: 0, max: 1_000_000 });
  const draw = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(time, fc.nat(60_000), draw, (startedAtMs, laterMs, drawn) => {
      const nowMs = startedAtMs + laterMs;
      const next = nowMs + attemptDelayMs({ startedAtMs, failed: true }, nowMs, drawn, sshDefaults);
      expect(next - startedAtMs).toBeGreaterThanOrEqual(10_000);
      expect(next - Math.max(nowMs, startedAtMs + 10_000)).toBeLessThanOrEqual(2_000);
    }),
  );
});
