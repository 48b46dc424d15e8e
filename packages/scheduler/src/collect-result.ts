import {
  type CallOptions,
  type ContainerQueue,
  type FinishedRun,
  type LogChunk,
  type LogSummary,
  type PoolView,
  type QueueEntry,
  DroverError,
} from '@drover/spec';

/** What collecting needs of its surroundings. */
export interface CollectPorts {
  readonly queue: Pick<ContainerQueue, 'appendLog' | 'finished'>;
  readonly pool: Pick<PoolView, 'readLog'>;
  /** Gives a call to the queue its deadline. */
  readonly call: <T>(operation: string, work: (options: CallOptions) => Promise<T>) => Promise<T>;
  readonly logChunkBytes: number;
}

/**
 * Brings the logs and the result of an ended run into the queue and returns what the queue made of it. The VM keeps
 * everything until it is acknowledged, so any part may be repeated after any failure. Rejects with queue or executor errors.
 */
export async function collectResult(ports: CollectPorts, run: FinishedRun): Promise<QueueEntry> {
  const { uuid, generation } = run;
  const last: LogChunk[] = [];
  for (const log of run.result.logs) if (log.sizeBytes > 0) last.push(await bringLog(ports, run, log));
  const { instanceId, instanceType, pricePerHour, result } = run;
  const start = { instanceId, instanceType, pricePerHour, startedAtMs: result.startedAtMs };
  return ports.call('finished', (options) =>
    ports.queue.finished(uuid, generation, result, last, { ...options, start }),
  );
}

/** Stores all of one stream but its last chunk, which is returned: it becomes durable together with the result. */
async function bringLog(ports: CollectPorts, run: FinishedRun, log: LogSummary): Promise<LogChunk> {
  const inline = run.logs.find((candidate) => candidate.stream === log.stream);
  if (inline !== undefined) return { stream: log.stream, offset: 0, bytes: Buffer.from(inline.base64, 'base64') };
  let offset = 0;
  for (;;) {
    const wanted = Math.min(ports.logChunkBytes, log.sizeBytes - offset);
    const chunk = await ports.pool.readLog(run, log.stream, offset, wanted);
    if (chunk.bytes.length === 0)
      throw new DroverError(
        'RUNNER_PROTOCOL',
        `${log.stream} of ${run.uuid} ends at ${offset} of ${log.sizeBytes} bytes`,
        { retryable: true },
      );
    offset += chunk.bytes.length;
    if (offset >= log.sizeBytes) return chunk;
    await ports.call('appendLog', (o) => ports.queue.appendLog(run.uuid, run.generation, chunk, o));
  }
}
