/** What a simulated container does; written into its command, so that the simulated host can read it there. */
export interface WorkPlan {
  readonly durationMs: number;
  readonly exitCode: number;
  /** Bytes written to stdout. */
  readonly logBytes: number;
}

const program = 'simulated-work';

export function workCommand(plan: WorkPlan): readonly string[] {
  return [program, String(plan.durationMs), String(plan.exitCode), String(plan.logBytes)];
}

/** Throws when the command is not a simulated one. */
export function readWorkCommand(command: readonly string[]): WorkPlan {
  const [name, durationMs, exitCode, logBytes] = command;
  if (name !== program) throw new Error(`not a simulated command: ${command.join(' ')}`);
  return { durationMs: Number(durationMs), exitCode: Number(exitCode), logBytes: Number(logBytes) };
}
