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

/** Submits that many and waits for the last; containers per second from the submission on. */
export async function runBatch(client: DroverClient, count: number): Promise<number> {
  const lines = Array.from({ length: count }, () =>
    JSON.stringify({ command: ['/bin/echo', 'hello'], resources: { vcpus: 1, ram: '64MiB' } }),
  );
  const finishedBefore = await countFinal(client);
  const start = performance.now();
  const uuids = await client.submitText({ text: lines.join('\n'), format: 'ndjson' });
  // Asking seldom leaves the machine to what is measured; 10 ms is less than a hundredth of a round.
  while ((await countFinal(client)) < finishedBefore + count) await new Promise((resolve) => setTimeout(resolve, 10));
  const seconds = (performance.now() - start) / 1000;
  const last = await client.get(uuids.at(-1) ?? '');
  if (last.result?.exitCode !== 0) throw new Error(`a container ended as ${JSON.stringify(last.result)}`);
  return count / seconds;
}

async function countFinal(client: DroverClient): Promise<number> {
  const { containers } = await client.status();
  return (containers?.Complete ?? 0) + (containers?.Cancelled ?? 0);
}
