import { type DroverClient, isFinal } from '@drover/management-api/client';
import type { ContainerRecord } from '@drover/spec';
import { until, untilTrue } from './until.ts';

/** The container once it is final. */
export async function final(client: DroverClient, uuid: string, withinMs = 30_000): Promise<ContainerRecord> {
  return whenContainer(client, uuid, 'it is final', ({ state }) => isFinal(state), withinMs);
}

/** The container once it runs. */
export async function running(client: DroverClient, uuid: string): Promise<ContainerRecord> {
  return whenContainer(client, uuid, 'it runs', ({ state }) => state === 'Running');
}

/** The container once it is as wished. */
export async function whenContainer(
  client: DroverClient,
  uuid: string,
  what: string,
  wish: (record: ContainerRecord) => boolean,
  withinMs = 30_000,
): Promise<ContainerRecord> {
  let last = '';
  return until(
    `${what} (${uuid})`,
    async () => {
      const record = await client.get(uuid);
      last = JSON.stringify({ state: record.state, attempts: record.attempts, why: record.cancelReason });
      return wish(record) ? record : undefined;
    },
    { withinMs, everyMs: 50, seen: () => last },
  );
}

/** Resolves when all of them are final. */
export async function allFinal(client: DroverClient, uuids: readonly string[], withinMs: number): Promise<void> {
  const wanted = new Set(uuids);
  let open: readonly string[] = [];
  await untilTrue(
    `all ${uuids.length} containers are final`,
    async () => {
      const { items } = await client.list({ states: ['Queued', 'Locked', 'Running'], limit: 1000 });
      open = items.filter(({ uuid }) => wanted.has(uuid)).map(({ uuid, state }) => `${uuid} ${state}`);
      return open.length === 0;
    },
    { withinMs, everyMs: 200, seen: () => open.join(', ') },
  );
}

/** Everything that its last attempt wrote to standard output. */
export async function textOf(client: DroverClient, uuid: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of client.log(uuid, { stream: 'stdout' })) text += decoder.decode(bytes, { stream: true });
  return text;
}

/** Id of the VM that the container runs on. */
export function instanceOf(record: ContainerRecord): string {
  if (record.instanceId === undefined) throw new Error(`${record.uuid} is on no VM`);
  return record.instanceId;
}

/** How often its history says that it became final. */
export async function finalTransitions(client: DroverClient, uuid: string): Promise<number> {
  const { items } = await client.events({ uuid, limit: 1000 });
  return items.filter(({ state, kind }) => isFinal(state) && kind !== 'priority').length;
}
