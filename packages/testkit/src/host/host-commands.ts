import type { CommandResult } from '@drover/spec';
import { simulatedRunnerCommand } from './simulated-runner.ts';

/** What the commands that a pool runs act on. */
export interface CommandHost {
  readonly booted: boolean;
  /** Undefined: the file is not there yet. */
  readonly secret: string | undefined;
  readonly agentRuns: boolean;
  readonly folders: Set<string>;
  readonly statusJson: () => string;
}

/** Carries out one command line as the host's shell would, as far as a pool needs that. */
export function runCommand(host: CommandHost, commandLine: string): CommandResult {
  const command = withoutSudo(commandLine);
  if (command.includes(simulatedRunnerCommand.list))
    return host.agentRuns ? done(`${host.statusJson()}\n`) : failed('the agent does not start');
  if (command.includes(simulatedRunnerCommand.start))
    return host.agentRuns ? done('') : failed('the agent does not start');
  if (command.startsWith('cat ') && !command.includes('>'))
    return host.secret === undefined ? failed('No such file or directory') : done(host.secret);
  if (command.startsWith('test -d')) {
    const folder = quoted(command)[0] ?? '';
    return done(`${host.folders.has(folder) ? 'present\n' : ''}Linux x86_64\n`);
  }
  if (command.startsWith('sync;')) {
    const [to = ''] = quoted(command);
    host.folders.add(to);
    return done('');
  }
  if (command.startsWith('mkdir ') || command.startsWith('rm ')) return done('');
  if (command === 'true' || command === 'systemctl is-system-running')
    return host.booted ? done('running\n') : failed('starting');
  return { ...failed(`${command.slice(0, 40)}: command not found`), exitCode: 127 };
}

function withoutSudo(commandLine: string): string {
  const prefix = "sudo -n sh -c '";
  if (!commandLine.startsWith(prefix)) return commandLine;
  return commandLine.slice(prefix.length, -1).replaceAll(`'\\''`, "'");
}

function quoted(command: string): readonly string[] {
  return Array.from(command.matchAll(/'([^']*)'/g), (match) => match[1] ?? '');
}

function done(stdout: string): CommandResult {
  return { exitCode: 0, signal: undefined, stdout, stderr: '', truncated: false };
}

function failed(stderr: string): CommandResult {
  return { exitCode: 1, signal: undefined, stdout: '', stderr, truncated: false };
}
