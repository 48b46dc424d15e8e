import { type Command, type CommandResult, ConnectError } from '@drover/spec';
import type { ClientChannel } from 'ssh2';
import { onAbort } from './abortable.ts';
import type { Connection } from './connection.ts';
import { discard } from './open-channel.ts';
import { captureOutput } from './output-capture.ts';

/** How one command is followed to its end. */
export interface FollowOptions {
  readonly signal: AbortSignal;
  /** Per stream. */
  readonly maxOutputBytes: number;
}

/**
 * Feeds a command its stdin and collects its result. Rejects with the signal's reason when aborted (the channel is
 * closed then; the command may run on), or with ConnectError when it is not known how it ended: no exit status means
 * unknown, never failure.
 */
export function followCommand(
  connection: Connection,
  channel: ClientChannel,
  stdin: Command['stdin'],
  options: FollowOptions,
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const stdout = captureOutput(channel, options.maxOutputBytes);
    const stderr = captureOutput(channel.stderr, options.maxOutputBytes);
    let exit: { readonly code: number | undefined; readonly signal: string | undefined } | undefined;
    // Everything on a lost connection ends at once, not when ssh2 has noticed.
    const stopLost = connection.onLost((error) => {
      stopAbort();
      reject(error);
    });
    const stopAbort = onAbort(options.signal, (reason) => {
      stopLost();
      discard(channel);
      reject(reason);
    });
    // A command that ended by a signal has no code: ssh2 says `null` then, and the name second.
    channel.on('exit', (code: number | null, signal?: string) => {
      exit = { code: code ?? undefined, signal };
    });
    channel.on('close', () => {
      stopAbort();
      stopLost();
      if (exit === undefined) {
        reject(new ConnectError(`${connection.where}: it is not known how the command ended (no exit status)`));
        return;
      }
      const truncated = stdout.truncated() || stderr.truncated();
      resolve({ exitCode: exit.code, signal: exit.signal, stdout: stdout.text(), stderr: stderr.text(), truncated });
    });
    // Without an end of stdin a command that reads it waits for ever.
    if (stdin === undefined) channel.end();
    else channel.end(stdin);
  });
}
