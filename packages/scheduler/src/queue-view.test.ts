import { expect, test } from 'vitest';
import { entryOf, uuidOf } from '../test/entries.ts';
import { QueueTable } from './queue-view.ts';

test('tells what changed since a revision, removals too', () => {
  const table = new QueueTable();
  const entry = entryOf(1);
  expect(table.set(entry)).toBe(true);
  const { revision } = table;
  expect(table.changedSince(revision)).toEqual([]);
  table.set(entryOf(2));
  expect(table.delete(entry.uuid)).toBe(true);
  expect(table.changedSince(revision)).toEqual([uuidOf(2), uuidOf(1)]);
  expect([...table.entries.keys()]).toEqual([uuidOf(2)]);
});

test('the same object again, or removing what is not there, is no change', () => {
  const table = new QueueTable();
  const entry = entryOf(1);
  table.set(entry);
  expect(table.set(entry)).toBe(false);
  expect(table.delete(uuidOf(9))).toBe(false);
  expect(table.revision).toBe(1);
});

test('remembers a bounded number of changes and says when it cannot tell', () => {
  const table = new QueueTable(3);
  for (let n = 1; n <= 7; n += 1) table.set(entryOf(n));
  expect(table.changedSince(0)).toBeUndefined();
  expect(table.changedSince(4)).toEqual([uuidOf(5), uuidOf(6), uuidOf(7)]);
  expect(table.revision).toBe(7);
});
