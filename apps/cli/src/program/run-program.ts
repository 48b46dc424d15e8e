import { CommanderError } from 'commander';
import { Exit, exitCodeOf, exitCodes } from '../output/exit-code.ts';
import { note } from '../output/terminal.ts';
import { createProgram } from './program.ts';

/** Runs a command line and returns the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = createProgram();
  const quietly = (command: typeof program): void => {
    command.exitOverride().configureOutput({ writeErr: (text) => note(text.trimEnd()) });
    for (const child of command.commands) quietly(child);
  };
  quietly(program);
  try {
    await program.parseAsync(argv);
    return exitCodes.ok;
  } catch (error) {
    // commander has said what is wrong; its own exit code is 0 for help and version.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    if (!(error instanceof Exit)) (await import('../output/print-error.ts')).printError(error);
    return exitCodeOf(error);
  }
}
