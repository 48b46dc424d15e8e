import { SeededRandom, SimulatedClock } from '@drover/testkit';
import { queueConformance, type QueueHarness, stateStoreConformance } from '@drover/testkit/conformance';
import { expect, it } from 'vitest';
import { SharedDatabase } from '../src/shared-database.ts';

const call = { signal: new AbortController().signal };
const keys = ['ssh-ed25519 A'];

function shared(): QueueHarness {
  const database = new SharedDatabase({ clock: new SimulatedClock() });
  const random = new SeededRandom(1);
  return { open: () => database.open(random), dispose: () => database.close() };
}

queueConformance('SQLite in memory, shared', shared, { modelRuns: 10 });
stateStoreConformance('SQLite in memory, shared', shared);

it('takes the lead from whoever has it: it hears of it, is refused, and must take the lock again', async () => {
  const database = new SharedDatabase({ clock: new SimulatedClock() });
  const first = database.open(new SeededRandom(1));
  const second = database.open(new SeededRandom(2));
  const lost: string[] = [];
  const leadership = await first.state.lead(call);
  leadership.onLost((why) => lost.push(why.message));
  database.loseLead();
  expect(lost).toHaveLength(1);
  await expect(first.state.setPin('i-1', keys, call)).rejects.toMatchObject({ code: 'QUEUE_IN_USE' });
  expect(lost).toHaveLength(1);
  const next = await second.state.lead(call);
  expect(next.epoch).toBeGreaterThan(leadership.epoch);
  await expect(first.state.lead(call)).rejects.toMatchObject({ code: 'QUEUE_IN_USE' });
  await second.state.setPin('i-1', keys, call);
  database.close();
});

it('does not let one lead again by a lock that was lost meanwhile', async () => {
  const database = new SharedDatabase({ clock: new SimulatedClock() });
  const first = database.open(new SeededRandom(1));
  const second = database.open(new SeededRandom(2));
  await first.state.lead(call);
  database.loseLead();
  await second.state.lead(call);
  // It has asked for nothing since, and so does not know.
  await expect(first.state.lead(call)).rejects.toMatchObject({ code: 'QUEUE_IN_USE' });
  database.close();
});

it('tells of every transaction before those hear of it who asked for it, and wakes everybody when users change something', async () => {
  const told: string[] = [];
  const database = new SharedDatabase({
    clock: new SimulatedClock(),
    onBatch: ({ connection, requests }) => told.push(`${connection} ${requests.map((r) => r.request.kind).join()}`),
    onClosed: (connection) => told.push(`${connection} closed`),
  });
  const dispatcher = database.open(new SeededRandom(1));
  const user = database.open(new SeededRandom(2));
  dispatcher.queue.onWake(() => told.push('woken'));
  await user.store.counts(call).then(() => told.push('answered'));
  await user.store.submit([], call);
  await dispatcher.close();
  expect(told).toEqual(['2 counts', 'answered', '2 submit', 'woken', '1 closed']);
  database.close();
});
