import { type Command, Option } from 'commander';
import type { ConfigCheckOptions } from '../commands/config-check.ts';
import type { ServeOptions } from '../commands/serve.ts';
import type { ExampleOptions } from '../example/example.ts';
import { wholeNumber } from './argument-values.ts';
import { withOutput } from './leaf.ts';

const logLevels = ['debug', 'info', 'warn', 'error', 'silent'];

/** `drover dev`, `up` and `config`: they run in this process. */
export function addServeCommands(program: Command): void {
  withServer(program.command('dev').description('run a dispatcher on this machine, nothing to configure'))
    .option('-c, --config <file>', 'a configuration all the same')
    .option('--example', 'run an example batch, print every result, and end')
    .option('--serve', 'with --example: stay when the batch is done')
    .option('--keep', 'leave VMs and containers running at the end')
    .action(async (options: ExampleOptions & { readonly example?: boolean; readonly keep?: boolean }) => {
      if (options.example === true) return (await import('../example/example.ts')).runExample(options);
      return (await import('../commands/serve.ts')).dev({ ...options, drain: options.keep !== true });
    });

  withServer(program.command('up').description('run the dispatcher'))
    .option('-c, --config <file>', 'default: drover.yaml of this folder, if there is one')
    .option('--drain', 'at the end, empty all VMs and shut them down first')
    .action(async (options: ServeOptions) => (await import('../commands/serve.ts')).up(options));

  const config = program.command('config').description('look at the configuration');
  withOutput(config.command('check').description('say everything that is wrong with the configuration'))
    .option('-c, --config <file>', 'default: drover.yaml of this folder, if there is one')
    .action(async (options: ConfigCheckOptions) => (await import('../commands/config-check.ts')).checkConfig(options));
}

function withServer(command: Command): Command {
  return command
    .option('--host <address>', 'where to listen (default 127.0.0.1)')
    .option('--port <number>', '0 takes one that is free (default 8787)', wholeNumber)
    .option('--state-directory <folder>', 'where to keep state (default .drover)')
    .addOption(new Option('--log-level <level>', 'what to log').choices(logLevels));
}
