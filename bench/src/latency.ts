import type { DroverClient } from '@drover/management-api/client';
import { startDispatcher } from './dispatcher-process.ts';
import { atMost, type Figure, quantile } from '@drover/testkit/figure';

/** One VM with four cores: one runs a long container, so that it is warm for good; the others take what fits beside it. */
const warmVm = `
driver: { name: loopback, maxInstances: 1 }
instanceTypes: { four: { vcpus: 4, ram: 4GiB, price: 1 } }
pool: { maxInstances: 1, timeoutIdle: 10m }
scheduling: { reserveExtraRam: 0B }
`;
const waiting = 10_000;
const samples = 1000;

/**
 * From sending a submission until its command runs on a warm VM, with 10,000 others waiting. The command itself tells when it
 * ran (`date +%s%N`), so its own start is counted; both ends read the same machine's clock.
 */
export async function latency(): Promise<readonly Figure[]> {
  const dispatcher = await startDispatcher(warmVm);
  const { client } = dispatcher;
  try {
    const [sleeper] = await client.submit([container(['sleep', '600'], 1, 900)]);
    await untilState(client, sleeper ?? '', 'Running');
    // They need the whole VM and so wait for it to be empty.
    for (let done = 0; done < waiting; done += 1000) {
      await client.submit(Array.from({ length: 1000 }, () => container(['true'], 4, 1)));
    }
    const delaysMs: number[] = [];
    for (let i = 0; i < samples + 20; i += 1) {
      const sentMs = performance.timeOrigin + performance.now();
      const [uuid] = await client.submit([container(['date', '+%s%N'], 1, 500)]);
      // Asking at once would take the cores from what is measured.
      await new Promise((resolve) => setTimeout(resolve, 15));
      await untilState(client, uuid ?? '', 'Complete');
      const log = await client.logHead(uuid ?? '', { stream: 'stdout', maxBytes: 100 });
      // The first ones warm the code.
      if (i >= 20) delaysMs.push(Number(new TextDecoder().decode(log)) / 1e6 - sentMs);
    }
    await client.cancel(sleeper ?? '', 'measured');
    return [
      atMost(5, 'submit to command started, 10,000 waiting, p50', quantile(delaysMs, 0.5), 'ms'),
      atMost(20, 'submit to command started, 10,000 waiting, p99', quantile(delaysMs, 0.99), 'ms'),
    ];
  } finally {
    await dispatcher.close();
  }
}

function container(command: string[], vcpus: number, priority: number) {
  return { command, resources: { vcpus, ram: '16MiB' }, scheduling: { priority } };
}

async function untilState(client: DroverClient, uuid: string, state: string): Promise<void> {
  for (;;) {
    const record = await client.get(uuid);
    if (record.state === state) return;
    if (record.state === 'Cancelled') throw new Error(`${uuid} was cancelled: ${record.cancelReason}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
