import { SimulatedClock } from '@drover/testkit';
import { beforeEach, expect, test } from 'vitest';
import { Client } from './client.ts';
import { containerQueue } from './container-queue.ts';
import { EntryCache } from './entry-cache.ts';
import type { Envelope, Reply, Request } from './protocol.ts';

const options = { signal: new AbortController().signal };
const container = { uuid: 'u', json: '{}', shape: '{}' };

let client: Client;
let sent: Envelope[];
/** Cursors of what the scheduler has polled. */
let polled: string[];

beforeEach(() => {
  client = new Client(new SimulatedClock());
  sent = [];
  polled = [];
  client.connect({ send: (batch) => void sent.push(...batch), close: () => Promise.resolve() });
  const queue = containerQueue(client, new EntryCache());
  const pollFrom = async (cursor: string | undefined): Promise<void> => {
    polled.push((await queue.poll(cursor, options)).cursor);
  };
  client.onWake(() => void pollFrom(polled.at(-1)));
  void pollFrom(undefined);
});

/** Answers everything that was sent, as one batch. */
async function answer(cursor: number, changedBy: 'user' | 'nobody'): Promise<void> {
  await turn();
  const reply = ({ kind }: Request): Reply =>
    kind === 'poll'
      ? { kind: 'entries', entries: [], shapes: [], cursor, complete: false }
      : { kind: 'uuids', uuids: [] };
  const replies = sent.splice(0).map(({ id, request }) => ({ id, reply: reply(request) }));
  client.onOutcome({ replies, changedBy, lostEpoch: undefined });
  await turn();
}

async function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function submit(count: number): void {
  void client.call(
    { kind: 'submit', containers: Array.from({ length: count }, () => container), key: undefined },
    options,
  );
}

const kinds = (): readonly string[] => sent.map(({ request }) => request.kind);

test('what a submission changed comes with its outcome: nobody has to ask', async () => {
  await answer(5, 'nobody');
  submit(1);
  await turn();
  expect(sent.map(({ request }) => request)).toMatchObject([{ kind: 'submit' }, { kind: 'poll', since: 5 }]);
  await answer(6, 'user');
  expect(polled).toEqual(['5', '6']);
  expect(kinds()).toEqual([]);
  // And so it goes on.
  submit(1);
  await answer(7, 'user');
  expect(polled).toEqual(['5', '6', '7']);
  expect(kinds()).toEqual([]);
});

test('it is too old once something else was asked: the outcome of that may not be in it', async () => {
  await answer(5, 'nobody');
  submit(1);
  await turn();
  const batch = sent.splice(0);
  void client.call({ kind: 'last-event' }, options);
  await turn();
  sent.unshift(...batch);
  await answer(6, 'user');
  expect(kinds()).toEqual(['poll']);
});

test('it is good for the wake that it came with and no longer', async () => {
  await answer(5, 'nobody');
  const deaf = new Client(new SimulatedClock());
  deaf.connect({ send: (batch) => void sent.push(...batch), close: () => Promise.resolve() });
  const queue = containerQueue(deaf, new EntryCache());
  deaf.foreseen.polledTo(5);
  void deaf.call({ kind: 'submit', containers: [container], key: undefined }, options);
  await turn();
  const [submission, poll] = sent.splice(0);
  const entries: Reply = { kind: 'entries', entries: [], shapes: [], cursor: 6, complete: false };
  deaf.onOutcome({
    replies: [
      { id: submission?.id ?? 0, reply: { kind: 'uuids', uuids: [] } },
      { id: poll?.id ?? 0, reply: entries },
    ],
    changedBy: 'user',
    lostEpoch: undefined,
  });
  void queue.poll('5', options);
  await turn();
  expect(kinds()).toEqual(['poll']);
});

test('nothing is read twice before the first poll, for many containers, or for other changes', async () => {
  submit(1);
  await turn();
  expect(kinds()).toEqual(['poll', 'submit']);
  await answer(5, 'user');
  await answer(5, 'nobody');
  submit(17);
  await turn();
  expect(kinds()).toEqual(['submit']);
  await answer(6, 'user');
  await answer(6, 'nobody');
  void client.call(
    { kind: 'move', uuid: 'u', command: { kind: 'priority', priority: 1, reason: 'r' }, logs: [] },
    options,
  );
  await turn();
  expect(kinds()).toEqual(['move']);
});
