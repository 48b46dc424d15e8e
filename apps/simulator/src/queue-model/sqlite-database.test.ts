import { MemoryQueue, SeededRandom, SimulatedClock } from '@drover/testkit';
import { expect, it } from 'vitest';
import { makeRecord } from '../../test/facts.ts';
import { type DatabaseConnection, SqliteDatabase } from './sqlite-database.ts';

const call = { signal: new AbortController().signal };

function setUp(limits: { readonly infrastructureFailures?: number } = {}) {
  const clock = new SimulatedClock();
  const memory = new MemoryQueue({ clock, random: new SeededRandom(1), limits });
  const differences: string[] = [];
  const sqlite = new SqliteDatabase(memory, new SeededRandom(2), (detail) => differences.push(detail));
  return { clock, memory, sqlite, differences };
}

/** One container is submitted, locked and lost. */
async function play({ queue, store, state }: DatabaseConnection): Promise<string> {
  await state.lead(call);
  const [uuid = ''] = await store.submit([makeRecord().spec], call);
  await queue.lock(uuid, 0, call);
  await queue.lock(uuid, 0, call);
  await queue.unlock(uuid, 7, 'a generation that never was', call).catch(() => undefined);
  await queue.appendLog(uuid, 1, { stream: 'stdout', offset: 0, bytes: new Uint8Array(3) }, call);
  await state.setPin('i-1', ['ssh-ed25519 A'], call);
  await queue.poll(undefined, call);
  await queue.lost(uuid, 1, { reason: 'instance-lost', detail: 'test' }, call);
  return uuid;
}

it('answers from SQLite, and shows the same in memory at every moment', async () => {
  const { memory, sqlite, differences } = setUp();
  const told: string[] = [];
  memory.onEvent(({ kind, state }) => told.push(`${kind} ${state}`));
  const connection = sqlite.open();
  const uuid = await play(connection);
  expect(told).toEqual(['submitted Queued', 'locked Locked', 'lost Queued']);
  expect(memory.record(uuid)).toMatchObject({ state: 'Queued', generation: 1 });
  expect([...memory.pins.keys()]).toEqual(['i-1']);
  expect((await connection.queue.poll('2', call)).entries).toMatchObject([{ uuid, infrastructureFailures: 1 }]);
  await sqlite.compareAll();
  expect(sqlite.compared).toBeGreaterThan(8);
  expect(differences).toEqual([]);
});

it('finds out when one of the two decides otherwise', async () => {
  // In memory one loss is one too many.
  const { sqlite, differences } = setUp({ infrastructureFailures: 1 });
  await play(sqlite.open());
  expect(differences[0]).toContain('lost of');
  expect(differences[0]).toContain('Cancelled');
  await sqlite.compareAll();
  expect(differences.at(-1)).toContain('is stored as');
});

it('strikes with the faults of the queue in memory: what is unknown has landed, what is refused has not', async () => {
  const { memory, sqlite, differences } = setUp();
  const { queue, store, state } = sqlite.open();
  await state.lead(call);
  const [uuid = ''] = await store.submit([makeRecord().spec], call);
  memory.faults.plan('busy', { operation: 'lock' });
  await expect(queue.lock(uuid, 0, call)).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
  expect(memory.record(uuid).state).toBe('Queued');
  memory.faults.plan('commit-unknown', { operation: 'lock' });
  await expect(queue.lock(uuid, 0, call)).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
  expect(memory.record(uuid).state).toBe('Locked');
  memory.faults.plan('lost-leadership', { operation: 'unlock' });
  await expect(queue.unlock(uuid, 1, 'test', call)).rejects.toMatchObject({ code: 'QUEUE_IN_USE' });
  await expect(queue.unlock(uuid, 1, 'test', call)).rejects.toMatchObject({ code: 'QUEUE_IN_USE' });
  await sqlite.compareAll();
  expect(differences).toEqual([]);
});

it('fences one whose lead was taken, and frees the lead of one that has ended', async () => {
  const { memory, sqlite, differences } = setUp();
  const first = sqlite.open();
  const second = sqlite.open();
  const lost: string[] = [];
  (await first.state.lead(call)).onLost((why) => lost.push(why.message));
  await expect(second.state.lead(call)).rejects.toMatchObject({ code: 'QUEUE_IN_USE' });
  sqlite.loseLeadership();
  expect(lost).toHaveLength(1);
  const { epoch } = await second.state.lead(call);
  expect(memory.leadingEpoch).toBe(epoch);
  await expect(first.state.setPin('i-1', [], call)).rejects.toMatchObject({ code: 'QUEUE_IN_USE' });
  second.close();
  expect(memory.leadingEpoch).toBeUndefined();
  await expect(second.queue.poll(undefined, call)).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
  await sqlite.open().state.lead(call);
  expect(differences).toEqual([]);
});
