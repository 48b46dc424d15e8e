import { type Command, type CommandResult, ConnectError } from '@drover/spec';
import type { ClientChannel } from 'ssh2';
import { onAbort } from './abortable.ts';
import type { Connection } from './connection.ts';
import { toConnectError } from './describe-error.ts';
import { captureOutput } from './output-capture.ts';

/** How one command runs on a connection. */
export interface RunOptions {
  readonly signal: AbortSignal;
  /** Per stream. */
  readonly maxOutputBytes: number;
  /** Called once, when the server has ended the channel; later than the result when the signal came first. */
  readonly onReleased: () => void;
}

/**
 * Runs one command. Rejects with the signal's reason when aborted (the command is killed then, as far as the server
 * does that), or with ConnectError when it is not known how it ended.
 */
export function runCommand(connection: Connection, command: Command, options: RunOptions): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    let channel: ClientChannel | undefined;
    let stopAbort = (): void => undefined;
    let stopLost = (): void => undefined;
    const settle = (settleNow: () => void): void => {
      stopAbort();
      stopLost();
      settleNow();
      options.onReleased();
    };
    // Everything on a lost connection ends at once, not when ssh2 has noticed.
    stopLost = connection.onLost((error) => settle(() => reject(error)));
    stopAbort = onAbort(options.signal, (reason) => {
      if (channel !== undefined) abandon(channel);
      reject(reason);
    });
    if (connection.lost !== undefined || options.signal.aborted) {
      settle(() => undefined);
      return;
    }
    connection.exec(command.command, (error, opened) => {
      if (opened === undefined) {
        settle(() => reject(error === undefined ? undefined : toConnectError(error, connection.where)));
        return;
      }
      channel = opened;
      follow(connection, opened, command, options, (outcome) =>
        settle(() => {
          if (outcome instanceof Error) reject(outcome);
          else resolve(outcome);
        }),
      );
      if (options.signal.aborted) abandon(opened);
    });
  });
}

function follow(
  connection: Connection,
  channel: ClientChannel,
  command: Command,
  options: RunOptions,
  done: (outcome: CommandResult | Error) => void,
): void {
  const stdout = captureOutput(channel, options.maxOutputBytes);
  const stderr = captureOutput(channel.stderr, options.maxOutputBytes);
  let exit: { readonly code: number | undefined; readonly signal: string | undefined } | undefined;
  channel.on('error', ignore);
  channel.stderr.on('error', ignore);
  channel.on('exit', (code: number | null, signal?: string) => {
    exit = { code: code ?? undefined, signal };
  });
  channel.on('close', () => {
    connection.acknowledged += 1;
    if (exit === undefined) {
      done(new ConnectError(`${connection.where}: it is not known how the command ended (no exit status)`));
      return;
    }
    done({
      exitCode: exit.code,
      signal: exit.signal,
      stdout: stdout.text(),
      stderr: stderr.text(),
      truncated: stdout.truncated() || stderr.truncated(),
    });
  });
  // Without an end of stdin a command that reads it waits for ever.
  if (command.stdin === undefined) channel.end();
  else channel.end(command.stdin);
}

/** A server may keep the session of an abandoned command (it counts against MaxSessions) until its process has ended. */
function abandon(channel: ClientChannel): void {
  if (channel.writable) channel.signal('KILL');
  channel.close();
}

/** A channel whose peer went away may report that its stdin could not be written; the exit status says enough. */
function ignore(): void {
  return undefined;
}
