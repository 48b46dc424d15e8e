import type { LogStream } from '@drover/spec';
import { connect, type GlobalOptions } from '../connect/session.ts';
import { followContainer } from '../follow/follow-container.ts';
import { Interrupted, untilInterrupted } from '../follow/interrupt.ts';
import { writeBytes } from '../follow/write-log.ts';
import { Exit, exitCodes } from '../output/exit-code.ts';
import { note, out } from '../output/terminal.ts';

export interface LogsOptions extends GlobalOptions {
  readonly follow?: boolean;
  readonly stream?: LogStream;
  readonly attempt?: number;
}

/**
 * `drover containers logs`: what the container wrote to stdout goes to stdout, and to stderr what it wrote there; one stream alone goes
 * to stdout.
 */
export async function showLogs(uuid: string, options: LogsOptions): Promise<void> {
  const client = connect(options);
  const record = await client.get(uuid);
  const streams: readonly LogStream[] = options.stream === undefined ? ['stdout', 'stderr'] : [options.stream];
  const write = writerFor(options);
  if (options.follow === true && options.attempt === undefined) {
    return untilInterrupted(async (signal) => {
      const onLost = (): void => note('the connection was lost; trying again');
      const follow = { signal, streams, onLog: write, onLost, fromGeneration: record.generation };
      await followContainer(client, uuid, follow);
    }).catch((error: unknown) => {
      throw error instanceof Interrupted ? new Exit(exitCodes.interrupted) : error;
    });
  }
  const generation = options.attempt ?? record.attempts.at(-1)?.generation;
  if (generation === undefined) return note('it has not started yet');
  for (const stream of streams) {
    for await (const bytes of client.log(uuid, { stream, generation })) await write(stream, bytes);
  }
  const summaries = record.attempts.find((attempt) => attempt.generation === generation)?.result?.logs ?? [];
  for (const { stream, droppedBytes } of summaries) {
    if (droppedBytes > 0 && streams.includes(stream))
      note(`${droppedBytes} bytes in the middle of ${stream} were not kept`);
  }
}

function writerFor(options: LogsOptions): (stream: LogStream, bytes: Uint8Array) => Promise<void> {
  if (options.output === 'json' || options.output === 'ndjson') {
    const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
    return async (stream, bytes) => {
      out(JSON.stringify({ stream, text: decoders[stream].decode(bytes, { stream: true }) }));
    };
  }
  const toStdout = options.stream !== undefined;
  return async (stream, bytes) => writeBytes(stream === 'stderr' && !toStdout ? process.stderr : process.stdout, bytes);
}
