import { describe, expect, it } from 'vitest';
import { parseTraceRecord } from './parse-trace-record.ts';

describe('a line of a trace', () => {
  it('may have fields of a later version', () => {
    const line = JSON.stringify({ type: 'instance', event: 'gone', atMs: 1, instanceId: 'i-1', colour: 'red' });
    expect(parseTraceRecord(line)).toEqual({
      ok: true,
      record: { type: 'instance', event: 'gone', atMs: 1, instanceId: 'i-1' },
    });
  });

  it.each([
    ['{"type":"ended","uu', { cut: true, message: 'the line is no JSON' }],
    ['7', { cut: false, message: 'the line is no record of a trace' }],
    ['{"type":"drover-trace","version":2}', { cut: false, fix: 'use a newer drover' }],
    ['{"type":"instance","event":"gone","atMs":1}', { cut: false, message: expect.stringContaining('instanceId') }],
    ['{"type":"weather","atMs":1}', { cut: false, message: expect.stringContaining('"weather"') }],
  ])('%s is refused', (line, expected) => {
    expect(parseTraceRecord(line)).toMatchObject({ ok: false, ...expected });
  });
});
