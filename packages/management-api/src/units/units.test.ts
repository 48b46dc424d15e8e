import { assert, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationPattern, formatDuration, formatSize, parseDuration, parseSize, sizePattern } from './units.ts';

describe('parseSize', () => {
  it.each([
    ['16GiB', 17_179_869_184],
    ['16GB', 16_000_000_000],
    ['16 gib', 17_179_869_184],
    ['1.5KiB', 1_536],
    ['512MiB', 536_870_912],
    ['10kB', 10_000],
    ['10KB', 10_000],
    ['2TB', 2_000_000_000_000],
    ['1PiB', 2 ** 50],
    ['7B', 7],
    ['0', 0],
    [0, 0],
    ['0.3GiB', 322_122_547],
  ])('%j is %d bytes', (input, bytes) => {
    expect(parseSize(input)).toEqual({ ok: true, value: bytes });
    expect(String(input)).toMatch(new RegExp(sizePattern));
  });

  it.each([
    ['16', 'CONFIG_UNIT_MISSING', 'the size "16" has no unit', 'e.g. "16GiB"'],
    [16, 'CONFIG_UNIT_MISSING', 'the size "16" has no unit', 'e.g. "16GiB"'],
    ['16Gi', 'CONFIG_INVALID', '"Gi" in "16Gi" is not a unit of size', 'write "GiB" (1024-based) or "GB"'],
    ['16k', 'CONFIG_INVALID', '"k" in "16k" is not a unit of size', 'or "kB"'],
    ['16 apples', 'CONFIG_INVALID', '"apples" in "16 apples" is not a unit of size', 'e.g.'],
    ['-1GiB', 'CONFIG_INVALID', '"-1GiB" is not a size', 'e.g.'],
    [-1, 'CONFIG_INVALID', 'the size "-1" is negative', 'e.g.'],
    ['', 'CONFIG_INVALID', '"" is not a size', 'e.g.'],
    ['1e3GB', 'CONFIG_INVALID', '"1e3GB" is not a size', 'e.g.'],
    ['99999PiB', 'CONFIG_INVALID', 'the size "99999PiB" is too large', 'smaller'],
  ])('%j is refused: %s', (input, code, message, fix) => {
    expect(parseSize(input)).toEqual({ ok: false, code, message, fix: expect.stringContaining(fix) });
    expect(String(input) === '99999PiB' || !new RegExp(sizePattern).test(String(input))).toBe(true);
  });
});

describe('parseDuration', () => {
  it.each([
    ['250ms', 250],
    ['30s', 30_000],
    ['2h', 7_200_000],
    ['1h30m', 5_400_000],
    ['1h 30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['1d', 86_400_000],
    ['1d2h3m4s5ms', 93_784_005],
    ['0', 0],
    [0, 0],
  ])('%j is %d ms', (input, ms) => {
    expect(parseDuration(input)).toEqual({ ok: true, value: ms });
  });

  it.each([
    ['30', 'CONFIG_UNIT_MISSING', 'the duration "30" has no unit'],
    [30, 'CONFIG_UNIT_MISSING', 'the duration "30" has no unit'],
    ['30x', 'CONFIG_INVALID', '"x" in "30x" is not a unit of time'],
    ['30m1h', 'CONFIG_INVALID', 'the units in "30m1h" do not go from large to small'],
    ['1h1h', 'CONFIG_INVALID', 'the units in "1h1h" do not go from large to small'],
    ['soon', 'CONFIG_INVALID', '"soon" is not a duration'],
    ['-5s', 'CONFIG_INVALID', '"-5s" is not a duration'],
    [-5, 'CONFIG_INVALID', 'the duration "-5" is negative'],
  ])('%j is refused: %s', (input, code, message) => {
    expect(parseDuration(input)).toEqual({ ok: false, code, message, fix: expect.stringContaining('"1h30m"') });
    expect(['30m1h', '1h1h'].includes(String(input)) || !new RegExp(durationPattern).test(String(input))).toBe(true);
  });
});

describe('formatSize', () => {
  it.each([
    [0, '0B'],
    [1_023, '1023B'],
    [1_024, '1KiB'],
    [17_179_869_184, '16GiB'],
    [16_000_000_000, '16GB'],
    [1_610_612_736, '1.5GiB'],
    [33_500_000_001, '31.2GiB'],
    [2 ** 50, '1PiB'],
  ])('%d is %s', (bytes, text) => expect(formatSize(bytes)).toBe(text));

  it('reads back within five hundredths of its last digit', () => {
    assert(
      property(integer({ min: 0, max: 2 ** 52 }), (bytes) => {
        const back = parseSize(formatSize(bytes));
        expect(back.ok && Math.abs(back.value - bytes) <= 0.0501 * bytes + 1).toBe(true);
      }),
    );
  });
});

describe('formatDuration', () => {
  it.each([
    [0, '0ms'],
    [250, '250ms'],
    [2_345, '2.3s'],
    [3_000, '3s'],
    [42_400, '42s'],
    [5_400_000, '1h30m'],
    [3_599_900, '1h'],
    [59_990, '1m'],
    [187_000_000, '2d4h'],
    [61_000, '1m1s'],
    [-1_500, '-1.5s'],
  ])('%d ms is %s', (ms, text) => expect(formatDuration(ms)).toBe(text));

  it('reads back within the rounding of its smallest unit', () => {
    assert(
      property(integer({ min: 0, max: 10 ** 11 }), (ms) => {
        const back = parseDuration(formatDuration(ms));
        expect(back.ok && Math.abs(back.value - ms) <= 0.05 * ms + 1).toBe(true);
      }),
    );
  });
});
