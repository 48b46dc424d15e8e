import type { ContainerEvent, ContainerRecord, ContainerUuid, DroverError, LogStream } from '@drover/spec';
import { type DroverClient, isFinal } from '@drover/management-api/client';

export interface FollowContainerOptions {
  readonly signal: AbortSignal;
  readonly onEvent?: (event: ContainerEvent) => void;
  /** Takes log bytes; the next ones are asked for when it has resolved. Absent: no logs. */
  readonly onLog?: (stream: LogStream, bytes: Uint8Array) => Promise<void>;
  /** Streams to follow; default both. */
  readonly streams?: readonly LogStream[];
  /** Attempts before this one are passed over. */
  readonly fromGeneration?: number;
  readonly onLost?: (error: DroverError) => void;
}

/** Follows a container through all its attempts to its end, which it returns. Rejects with the signal's reason. */
export async function followContainer(
  client: DroverClient,
  uuid: ContainerUuid,
  options: FollowContainerOptions,
): Promise<ContainerRecord> {
  const { signal, onEvent, onLog, onLost, streams = ['stdout', 'stderr'], fromGeneration = 0 } = options;
  const following = { signal, ...(onLost === undefined ? {} : { onLost }) };
  const followLog = async (stream: LogStream, generation: number): Promise<void> => {
    for await (const bytes of client.log(uuid, { stream, generation, follow: true }, following)) {
      await onLog?.(stream, bytes);
    }
  };
  let logs: readonly Promise<void>[] = [];
  let logged = fromGeneration - 1;
  for await (const event of client.followEvents({ uuid }, following)) {
    onEvent?.(event);
    // An attempt may end so quickly that nothing tells of its start.
    const hasLog = event.kind === 'started' || event.kind === 'finished';
    if (hasLog && onLog !== undefined && event.generation > logged) {
      logged = event.generation;
      logs = streams.map((stream) => followLog(stream, event.generation));
      // A failure is heard when they are awaited; until then it must not count as unhandled.
      for (const log of logs) log.catch(() => undefined);
    }
    if (event.state === 'Running') continue;
    // The attempt is over: everything that it wrote comes before what the next one writes.
    await Promise.all(logs);
    logs = [];
    if (isFinal(event.state)) break;
  }
  return client.get(uuid, { signal });
}
