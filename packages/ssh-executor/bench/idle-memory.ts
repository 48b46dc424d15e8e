import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { atMost, type Figure } from '@drover/testkit/figure';
import { spawnNode, startBenchServer } from './start-server.ts';

/** Memory of one idle connection on the client's side: 2,000 of them, server and client in processes of their own. */
export async function measureIdleMemory(connections = 2_000): Promise<readonly Figure[]> {
  const server = await startBenchServer();
  try {
    const { address, port, pinnedKeys } = server.target;
    const client = spawnNode('memory-process.ts', [address, String(port), pinnedKeys[0] ?? '', String(connections)]);
    const exited = once(client, 'exit');
    const [line]: unknown[] = await once(createInterface({ input: client.stdout }), 'line');
    await exited;
    const [rssBytes = Number.NaN, heapBytes = Number.NaN] = String(line).split(' ').map(Number);
    return [
      atMost(60, `memory per idle SSH connection (RSS, at ${connections})`, rssBytes / 1000, 'KB'),
      atMost(60, `memory per idle SSH connection (heap and buffers, at ${connections})`, heapBytes / 1000, 'KB'),
    ];
  } finally {
    await server.stop();
  }
}
