import { type Command, Option } from 'commander';
import { outputFormats } from '../output/print.ts';

/** Options of every command that prints something. */
export function withOutput(command: Command): Command {
  return command.addOption(
    new Option('-o, --output <format>', 'how to print').choices([...outputFormats]).default('table'),
  );
}

/** Options of every command that talks to a dispatcher. */
export function withDispatcher(command: Command): Command {
  return withOutput(command)
    .option('--url <url>', 'the dispatcher; default: DROVER_URL with DROVER_TOKEN, else the one of this folder')
    .option('--state-directory <folder>', 'where a dispatcher on this machine keeps its state', './.drover');
}
