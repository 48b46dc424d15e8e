import { type Command, type CommandResult, ConnectError, type Executor, type RunnerDeployment } from '@drover/spec';
import { asRoot } from './shell-quote.ts';

/** What deploying takes. */
export interface Deploying {
  readonly executor: Executor;
  readonly runner: RunnerDeployment;
  readonly user: string;
  /** Makes the name of the temporary folder unique: random hex. */
  readonly unique: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Runs it as root. Rejects with ConnectError when it fails. */
export async function must(deploying: Deploying, command: Command): Promise<CommandResult> {
  const result = await runAsRoot(deploying, command);
  if (result.exitCode !== 0) throw new ConnectError(`The runner could not be deployed: ${failureText(result)}`);
  return result;
}

/** Runs it as root; an exit code is data. */
export function runAsRoot({ executor, user, timeoutMs, signal }: Deploying, command: Command): Promise<CommandResult> {
  return executor.run({ timeoutMs, ...command, command: asRoot(user, command.command) }, { signal });
}

/** What a command that failed has to say, in short. */
export function failureText(result: CommandResult): string {
  const said = result.stderr.trim() === '' ? result.stdout.trim() : result.stderr.trim();
  const how = result.exitCode === undefined ? `signal ${result.signal ?? 'unknown'}` : `exit code ${result.exitCode}`;
  return said === '' ? how : `${how}: ${said.slice(0, 300)}`;
}
