import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  applyRecord,
  type AgentState,
  emptyState,
  type JournalRecord,
  rememberedAcks,
  snapshotRecords,
} from './agent-state.ts';
import { formatRecord, parseRecord, replayJournal } from './journal-format.ts';

const uuid = fc.constantFrom('a', 'b', 'c');
const count = fc.nat(1000);
const record = fc.oneof(
  fc.tuple(fc.constant('boot' as const), fc.string()),
  fc.tuple(fc.constant('hello' as const), count, count, count, count),
  fc.tuple(fc.constant('drain' as const), fc.boolean()),
  fc.tuple(fc.constant('start' as const), uuid, count, fc.constantFrom('', '0,1')),
  fc.tuple(fc.constant('started' as const), count, uuid, count),
  fc.tuple(fc.constant('lost' as const), uuid, fc.string()),
  fc.tuple(fc.constant('finished' as const), count, uuid),
  fc.tuple(fc.constant('never-ran' as const), uuid),
  fc.tuple(fc.constant('ack' as const), uuid, count),
  fc.tuple(fc.constant('broken' as const), count, fc.string()),
  fc.tuple(fc.constant('preempted' as const), count, fc.string()),
  fc.tuple(fc.constant('sequence' as const), count),
) satisfies fc.Arbitrary<JournalRecord>;
/** Texts with NUL never get into a record: they are refused at the door. */
const records = fc.array(record.filter((each) => !JSON.stringify(each).includes(String.raw`\u0000`)));

function stateOf(list: readonly JournalRecord[]): AgentState {
  const state = emptyState();
  for (const each of list) applyRecord(state, each);
  return state;
}

test('a journal read again gives the same state', () => {
  fc.assert(
    fc.property(records, (list) => {
      expect(replayJournal(list.map(formatRecord).join(''))).toEqual(stateOf(list));
    }),
  );
});

test('the shortest journal leads to the same state', () => {
  fc.assert(
    fc.property(records, (list) => {
      const state = stateOf(list);
      expect(stateOf(snapshotRecords(state))).toEqual(state);
    }),
  );
});

test('torn at any byte, a journal gives the state of the whole lines before', () => {
  fc.assert(
    fc.property(records, fc.nat(), (list, at) => {
      const text = list.map(formatRecord).join('');
      const torn = text.slice(0, text.length === 0 ? 0 : at % text.length);
      const whole = torn.split('\n').length - 1;
      const rest = torn.slice(torn.lastIndexOf('\n') + 1);
      // A line that only lacks its line feed is whole.
      const count = whole + (parseRecord(rest) === undefined ? 0 : 1);
      expect(replayJournal(torn)).toEqual(stateOf(list.slice(0, count)));
      expect(replayJournal(`${torn}\n["drain",true]\n`).draining).toBe(true);
    }),
  );
});

test.each(['{}', '[]', '["boot"]', '["boot",1]', '["hello",1,2,3,-4]', '["constructor","x"]', 'x'])(
  'not a record: %s',
  (line) => {
    expect(parseRecord(line)).toBeUndefined();
  },
);

test('acknowledged generations are remembered, but not without end', () => {
  const state = emptyState();
  for (let n = 0; n < rememberedAcks + 10; n++) applyRecord(state, ['ack', `u${n}`, 1]);
  expect(state.acked.size).toBe(rememberedAcks);
  expect(state.acked.has('u0')).toBe(false);
  expect(state.acked.get(`u${rememberedAcks + 9}`)).toBe(1);
});
