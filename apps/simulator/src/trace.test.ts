import { expect, it } from 'vitest';
import { Trace } from './trace.ts';

function traced(...whats: readonly unknown[]): Trace {
  const trace = new Trace(3);
  whats.forEach((what, index) => trace.add(index, 'test', what));
  return trace;
}

it('gives equal histories equal hashes, and others others', () => {
  expect(traced('a', { b: 1 }).hash).toBe(traced('a', { b: 1 }).hash);
  expect(traced('a', { b: 1 }).hash).not.toBe(traced('a', { b: 2 }).hash);
  expect(traced('a', 'b').hash).not.toBe(traced('b', 'a').hash);
  expect(traced('a').hash).toMatch(/^[0-9a-f]{16}$/);
});

it('shows errors without their stacks and keeps only the latest lines', () => {
  const trace = traced('a', 'b', 'c', 'd', { error: new TypeError('bad') });
  expect(trace.count).toBe(5);
  expect(trace.lines).toEqual(['2.000 test c', '3.000 test d', '4.000 test {"error":"TypeError: bad"}']);
});
