import { expect, it } from 'vitest';
import { StrikeBook } from './strike-book.ts';

it('lets every occasion strike, and keeps count', () => {
  const told: string[] = [];
  const book = new StrikeBook({}, (fault) => told.push(fault));
  expect([book.allows('vm-lost'), book.allows('vm-lost'), book.allows('quota')]).toEqual([true, true, true]);
  expect(book.struck).toEqual(
    new Map([
      ['vm-lost', [1, 2]],
      ['quota', [1]],
    ]),
  );
  expect(told).toEqual(['vm-lost', 'vm-lost', 'quota']);
});

it('lets only those strike that are named, of the faults that are named', () => {
  const book = new StrikeBook({ 'vm-lost': [2], operator: [] });
  expect([1, 2, 3].map(() => book.allows('vm-lost'))).toEqual([false, true, false]);
  expect([book.allows('operator'), book.allows('ssh-reset')]).toEqual([false, true]);
  expect(book.counts).toEqual(
    new Map([
      ['vm-lost', 1],
      ['ssh-reset', 1],
    ]),
  );
});

it('does not count a strike that hit nothing, but its occasion is gone', () => {
  const book = new StrikeBook();
  book.allows('vm-lost');
  book.missed('vm-lost');
  book.allows('vm-lost');
  expect([book.struck.get('vm-lost'), book.occasions('vm-lost')]).toEqual([[2], 2]);
});
