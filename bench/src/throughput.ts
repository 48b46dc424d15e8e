import type { DroverClient } from '@drover/management-api/client';
import { startDispatcher } from './dispatcher-process.ts';
import { atLeast, type Figure } from '@drover/testkit/figure';

/** Four VMs with one core each, as the peers have four workers with one core each. */
export const fourVms = `
driver: { name: loopback, maxInstances: 4 }
instanceTypes: { one: { vcpus: 1, ram: 1GiB, price: 1 } }
pool: { maxInstances: 4, timeoutIdle: 10m }
scheduling: { reserveExtraRam: 0B }
`;

/** Short commands through four VMs, each with its log durably recorded: containers per second. */
export async function throughput(): Promise<readonly Figure[]> {
  const dispatcher = await startDispatcher(fourVms);
  try {
    await runBatch(dispatcher.client, 100);
    const rates: number[] = [];
    for (let round = 0; round < 3; round += 1) rates.push(await runBatch(dispatcher.client, 1000));
    return [atLeast(250, '1,000 short containers through 4 VMs', rates.toSorted((a, b) => a - b)[1] ?? 0, '1/s')];
  } finally {
    await dispatcher.close();
  }
}

/** How often it is asked whether a batch is done. */
const askEveryMs = 200;

/**
 * Submits that many and waits for the last; containers per second from the submission on to the moment at which the last result was
 * recorded. That moment is taken from its record, as that of the peer is taken from its last file: so neither is asked all the time,
 * which would take a tenth of the machine from what is measured.
 */
export async function runBatch(client: DroverClient, count: number): Promise<number> {
  const lines = Array.from({ length: count }, () =>
    JSON.stringify({ command: ['/bin/echo', 'hello'], resources: { vcpus: 1, ram: '64MiB' } }),
  );
  const finishedBefore = await countFinal(client);
  const startMs = Date.now();
  const uuids = await client.submitText({ text: lines.join('\n'), format: 'ndjson' });
  while ((await countFinal(client)) < finishedBefore + count)
    await new Promise((resolve) => setTimeout(resolve, askEveryMs));
  const endMs = await lastRecordedMs(client, uuids);
  const last = await client.get(uuids.at(-1) ?? '');
  if (last.result?.exitCode !== 0) throw new Error(`a container ended as ${JSON.stringify(last.result)}`);
  return count / ((endMs - startMs) / 1000);
}

/** When the last of these was recorded, all of which are complete. Wall clock. */
async function lastRecordedMs(client: DroverClient, uuids: readonly string[]): Promise<number> {
  const wanted = new Set(uuids);
  let lastMs = 0;
  let after: string | undefined;
  do {
    const page = await client.list({ states: ['Complete'], limit: 1000, ...(after === undefined ? {} : { after }) });
    for (const { uuid, finishedAtMs = 0 } of page.items)
      if (wanted.delete(uuid)) lastMs = Math.max(lastMs, finishedAtMs);
    after = page.next;
  } while (wanted.size > 0 && after !== undefined);
  if (wanted.size > 0) throw new Error(`${wanted.size} containers are not complete`);
  return lastMs;
}

async function countFinal(client: DroverClient): Promise<number> {
  const { containers } = await client.status();
  return (containers?.Complete ?? 0) + (containers?.Cancelled ?? 0);
}
