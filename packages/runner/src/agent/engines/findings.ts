import type { EngineFindings } from '../run-result.ts';

/** What docker and podman report as the start of a container that never started. */
const neverStarted = '0001-01-01';

/** The format for `inspect` whose output `readFindings` reads. The start comes last: podman writes it with spaces. */
export const findingsFormat =
  'drover oom={{.State.OOMKilled}} running={{.State.Running}} exit={{.State.ExitCode}} started={{.State.StartedAt}}';

/** What the cleanup prints when the engine has no such container. */
export const noContainer = 'drover none';

/** What the cleanup prints when there was no engine to run the container at all. */
export const noEngine = 'drover no-engine';

/** Reads what a container engine's cleanup printed; undefined for a run without an image (nothing was printed at all). */
export function readFindings(cleanupOutput: string): EngineFindings | undefined {
  const lines = cleanupOutput.split('\n');
  if (lines.includes(noEngine)) return { kind: 'no-engine' };
  if (lines.includes(noContainer)) return { kind: 'no-container' };
  const match = /^drover oom=(\w+) running=(\w+) exit=(-?\d+) started=(\S+)/m.exec(cleanupOutput);
  if (match === null) return undefined;
  const [, oom, running, exit, started = ''] = match;
  if (started.startsWith(neverStarted)) return { kind: 'no-container' };
  return { kind: 'container', oom: oom === 'true', running: running === 'true', exitCode: Number(exit) };
}
