import { MemoryQueue, SeededRandom, SimulatedClock } from '@drover/testkit';
import { expect, it } from 'vitest';
import { makeRecord } from '../../test/facts.ts';
import { SqliteMirror } from './sqlite-mirror.ts';

const call = { signal: new AbortController().signal };

/** One container is submitted, locked and lost, in a queue whose limits may be others than SQLite's. */
async function play(limits: { readonly infrastructureFailures?: number }): Promise<readonly string[]> {
  const clock = new SimulatedClock();
  const memory = new MemoryQueue({ clock, random: new SeededRandom(1), limits });
  const differences: string[] = [];
  const mirror = new SqliteMirror(memory, { clock, random: new SeededRandom(2) }, (detail) => differences.push(detail));
  const { queue, store } = memory.open();
  const [uuid = ''] = await store.submit([makeRecord().spec], call);
  await queue.lock(uuid, 0, call);
  // Time moves on before the database has had its turn.
  clock.timer(20, () => undefined);
  clock.step();
  await queue.lock(uuid, 0, call);
  await queue.unlock(uuid, 7, 'a generation that never was', call).catch(() => undefined);
  await queue.appendLog(uuid, 1, { stream: 'stdout', offset: 0, bytes: new Uint8Array(3) }, call);
  await queue.lost(uuid, 1, { reason: 'instance-lost', detail: 'test' }, call);
  await mirror.compareAll();
  expect(mirror.compared).toBeGreaterThan(4);
  return differences;
}

it('finds both alike, whatever was asked', async () => {
  expect(await play({})).toEqual([]);
});

it('finds out when one of the two decides otherwise', async () => {
  const [first = ''] = await play({ infrastructureFailures: 1 });
  expect(first).toContain('lost of');
  expect(first).toContain('Cancelled');
});
