import type { Command } from 'commander';
import type { RunOptions } from '../commands/run.ts';
import type { SubmitOptions } from '../commands/submit.ts';
import { collect, decimal, preemptible, variable, wholeNumber } from './argument-values.ts';
import { withDispatcher } from './leaf.ts';

/** `drover submit` and `drover run`. */
export function addWorkCommands(program: Command): void {
  withDispatcher(
    program.command('submit <file>').description('submit the containers of a file; - reads standard input'),
  )
    .option('--wait', 'wait until they have ended; 0 when all went well')
    .option('--idempotency-key <key>', 'the same key again submits nothing twice')
    .action(async (file: string, options: SubmitOptions) =>
      (await import('../commands/submit.ts')).submitFile(file, options),
    );

  withDispatcher(program.command('run').description('run a command in a container and follow it'))
    .argument('<command...>', 'the command, best after --')
    .passThroughOptions()
    .option('--name <name>', 'to find it by')
    .option('--image <image>', 'without one it runs as a process on the VM')
    .option('--vcpus <count>', 'whole processors (default 1)', wholeNumber)
    .option('--ram <size>', 'e.g. 16GiB (default 256MiB)')
    .option('--scratch <size>', 'e.g. 100GiB')
    .option('-e, --env <KEY=value>', 'a variable; KEY alone takes it from here', variable)
    .option('--cwd <folder>', 'absolute path')
    .option('--priority <number>', '1 to 1000, higher first (default 500)', wholeNumber)
    .option('--preemptible <choice>', 'true, false or prefer', preemptible)
    .option('--max-run-time <duration>', 'e.g. 2h')
    .option('--type <pattern>', 'instance types, e.g. m5*; may be repeated', collect)
    .option('--max-price <price>', 'per hour', decimal)
    .option('--attempts <count>', 'in all, when it fails (default 1)', wholeNumber)
    .option('-d, --detach', 'print its UUID and leave')
    .option('-q, --quiet', 'say nothing of its own')
    .action(async (command: readonly string[], options: RunOptions) =>
      (await import('../commands/run.ts')).runContainer(command, options),
    );
}
