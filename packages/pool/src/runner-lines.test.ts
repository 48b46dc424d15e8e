import { expect, test } from 'vitest';
import { RunnerLines } from './runner-lines.ts';

const status = { sequence: 3, bootId: 'b', containers: [], draining: false, version: '1' };

function line(id: unknown, said: unknown = status): string {
  return JSON.stringify({ type: 'status', id, status: said });
}

test('a status that says what the last one said is the same object under its own number', () => {
  const lines = new RunnerLines();
  const first = lines.read(line(1));
  const second = lines.read(line(27));
  expect(first).toEqual({ type: 'status', id: 1, status });
  expect(second).toEqual({ type: 'status', id: 27, status });
  expect(second?.type === 'status' && first?.type === 'status' && second.status === first.status).toBe(true);
});

test('one that says something else is read anew', () => {
  const lines = new RunnerLines();
  lines.read(line(1));
  expect(lines.read(line(2, { ...status, draining: true }))).toMatchObject({ id: 2, status: { draining: true } });
  expect(lines.read(line(3))).toMatchObject({ id: 3, status: { draining: false } });
});

test.each([
  { name: 'a number that is none', text: line('x') },
  { name: 'a negative number', text: line(-1) },
  { name: 'an empty number', text: line(1).replace('"id":1', '"id":') },
  { name: 'a fraction', text: line(0.5) },
  { name: 'no status', text: '{"type":"status","id":1,"status":7}' },
  { name: 'half a line', text: line(1).slice(0, -4) },
])('$name is no message, before and after one that is', ({ text }) => {
  const lines = new RunnerLines();
  expect(lines.read(text)).toBeUndefined();
  lines.read(line(1));
  expect(lines.read(text)).toBeUndefined();
});

test('other messages are read as they are, and in any order of their fields', () => {
  const lines = new RunnerLines();
  expect(lines.read('{"type":"ok","id":4}')).toEqual({ type: 'ok', id: 4 });
  const turned = JSON.stringify({ id: 5, status, type: 'status' });
  expect(lines.read(turned)).toEqual({ type: 'status', id: 5, status });
});
