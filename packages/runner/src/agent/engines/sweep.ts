import { agentLabel, runLabel } from './image.ts';

/** How each writes the label in a format: docker's listing has no map of labels, podman's (at least until 4.3) no look-up by name. */
const runLabelOf = { docker: `.Label "${runLabel}"`, podman: `index .Labels "${runLabel}"` } as const;

/** Runs a program and resolves with what it printed; rejects when it cannot be run or fails. */
export type RunProgram = (program: string, args: readonly string[]) => Promise<string>;

/**
 * Removes containers of this agent that no run stands for: their shim was killed, so nothing else would. Returns the names
 * of those that went; never rejects. An engine that is not installed has left nothing behind.
 */
export async function sweepOrphans(
  engine: 'docker' | 'podman',
  agentId: string,
  isKnown: (key: string) => boolean,
  run: RunProgram,
): Promise<readonly string[]> {
  let listing: string;
  try {
    listing = await run(engine, [
      'ps',
      '--all',
      '--no-trunc',
      `--filter=label=${agentLabel}=${agentId}`,
      `--format={{.ID}} {{${runLabelOf[engine]}}}`,
    ]);
  } catch {
    return [];
  }
  const orphans = listing
    .split('\n')
    .map((line) => line.trim().split(' '))
    .filter(([id = '', key = '']) => id !== '' && key !== '' && !isKnown(key));
  const removed: string[] = [];
  for (const [id = '', key = ''] of orphans) {
    try {
      await run(engine, ['rm', '--force', id]);
      removed.push(key);
    } catch {
      // It has just ended by itself, or the engine is in trouble: the next start of the agent tries again.
    }
  }
  return removed;
}
