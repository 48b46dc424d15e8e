import type { RunnerEvent } from '@drover/spec';
import { expect, test } from 'vitest';
import { Outbox } from './outbox.ts';

function event(sequence: number): () => RunnerEvent {
  return () => ({ type: 'broken', sequence, reason: '' });
}

/** Takes `room` events, then says that it cannot keep up. */
function sink(room = Infinity) {
  const taken: number[] = [];
  return {
    taken,
    room,
    offer(_line: string, { sequence }: RunnerEvent): boolean {
      taken.push(sequence);
      return taken.length < this.room;
    },
  };
}

test('a subscriber gets what it has missed, in order, then what is new', () => {
  const outbox = new Outbox();
  outbox.restore(4, event(4));
  outbox.restore(2, event(2));
  outbox.emit(5, event(5));
  const target = sink();
  outbox.subscribe(target, 2).resume();
  outbox.emit(6, event(6));
  expect(target.taken).toEqual([4, 5, 6]);
});

test('settled events are not sent again', () => {
  const outbox = new Outbox();
  outbox.emit(1, event(1));
  outbox.emit(2, event(2));
  outbox.drop(1);
  outbox.drop(undefined);
  const target = sink();
  outbox.subscribe(target, 0).resume();
  expect(target.taken).toEqual([2]);
});

test('one that does not keep up misses nothing, repeats nothing and holds up nobody', () => {
  const outbox = new Outbox();
  const [slow, quick] = [sink(2), sink()];
  const subscription = outbox.subscribe(slow, 0);
  subscription.resume();
  outbox.subscribe(quick, 0).resume();
  for (const n of [1, 2, 3, 4]) outbox.emit(n, event(n));
  expect(slow.taken).toEqual([1, 2]);
  expect(quick.taken).toEqual([1, 2, 3, 4]);
  slow.room = Infinity;
  subscription.resume();
  subscription.resume();
  outbox.emit(5, event(5));
  expect(slow.taken).toEqual([1, 2, 3, 4, 5]);
});

test('one that has left gets nothing more', () => {
  const outbox = new Outbox();
  const target = sink();
  const subscription = outbox.subscribe(target, 0);
  subscription.resume();
  subscription.end();
  outbox.emit(1, event(1));
  subscription.resume();
  expect(target.taken).toEqual([]);
});
