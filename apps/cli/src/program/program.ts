import { Command } from 'commander';
import type { GlobalOptions } from '../connect/session.ts';
import type { OutputFormat } from '../output/print.ts';
import { droverVersion } from './drover-version.ts';
import { addCheckCommands } from './check-commands.ts';
import { addContainerCommands } from './container-commands.ts';
import { addFleetCommands } from './fleet-commands.ts';
import { helpLayout, withDispatcher, withOutput } from './leaf.ts';
import { addServeCommands } from './serve-commands.ts';
import { addSimulateCommands } from './simulate-commands.ts';
import { addWorkCommands } from './work-commands.ts';

const helpEnd = `
Examples:
  drover dev                                a dispatcher on this machine
  drover run --ram 1GiB -- sh -c 'echo hello from $(hostname)'
  drover submit containers.yaml --wait
  drover containers why <uuid>

Exit codes: 0 ok, 1 error, 2 usage or configuration, 3 fits no instance type, 4 not authorised,
125 drover itself failed in "run" (else the container's own), 130 interrupted`;

/** The command line. Nothing but its words is loaded here: every command loads its code when it runs. */
export function createProgram(): Command {
  const program = new Command('drover')
    .description('Runs containers on VMs that come and go.')
    .version(droverVersion(), '-V, --version', 'print the version')
    .configureHelp(helpLayout)
    .enablePositionalOptions()
    .showHelpAfterError('(drover --help says what there is)')
    .addHelpText('after', helpEnd);
  addServeCommands(program);
  addWorkCommands(program);
  addContainerCommands(program);
  addFleetCommands(program);
  addCheckCommands(program);
  addSimulateCommands(program);
  withDispatcher(program.command('status').description('show the dispatcher at a glance')).action(
    async (options: GlobalOptions) => (await import('../commands/status.ts')).showStatus(options),
  );
  withOutput(program.command('explain <code>').description('say what an error code means')).action(
    async (code: string, options: { readonly output: OutputFormat }) =>
      (await import('../commands/explain.ts')).explainCode(code, options),
  );
  program
    .command('completion <shell>')
    .description('print completion for bash or zsh')
    .action(async (shell: string) => (await import('../commands/completion.ts')).printCompletion(shell, program));
  withOutput(program.command('version').description('print the version')).action(
    async (options: { readonly output: OutputFormat }) => (await import('../commands/version.ts')).showVersion(options),
  );
  return program;
}
