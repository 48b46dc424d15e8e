import type { DroverClient } from '@drover/management-api/client';
import { startDispatcher } from './dispatcher-process.ts';
import { type Figure, figure } from './figure.ts';

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
    return [figure('1,000 short containers through 4 VMs', rates.toSorted((a, b) => a - b)[1] ?? 0, '1/s', '≥', 250)];
  } finally {
    await dispatcher.close();
  }
}

/** Submits that many and waits for the last; containers per second from the submission on. */
export async function runBatch(client: DroverClient, count: number): Promise<number> {
  const lines = Array.from({ length: count }, () =>
    JSON.stringify({ command: ['/bin/echo', 'hello'], resources: { vcpus: 1, ram: '64MiB' } }),
  );
  const before = (await client.events({ limit: 1 })).last;
  const start = performance.now();
  const uuids = new Set(await client.submitText({ text: lines.join('\n'), format: 'ndjson' }));
  let after = before;
  let failed = 0;
  while (uuids.size > 0) {
    const page = await client.events({ after, limit: 500 });
    for (const event of page.items) {
      if (event.kind !== 'finished' && event.kind !== 'cancelled') continue;
      if (uuids.delete(event.uuid) && event.state !== 'Complete') failed += 1;
    }
    after = page.next;
    if (page.items.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  }
  if (failed > 0) throw new Error(`${failed} containers did not complete`);
  return count / ((performance.now() - start) / 1000);
}
