import type { EngineFindings } from '../run-result.ts';

/** What docker and podman report as the start of a container that never started. */
const neverStarted = '0001-01-01';

/** The format for `inspect` whose output `readFindings` reads. */
export const findingsFormat = 'drover oom={{.State.OOMKilled}} started={{.State.StartedAt}}';

/**
 * Reads what a container engine's cleanup printed; undefined for a run without an image (nothing was printed at all). A cleanup
 * that ran but found no container prints `drover none`.
 */
export function readFindings(cleanupOutput: string): EngineFindings | undefined {
  if (/^drover none$/m.test(cleanupOutput)) return { oom: false, started: false };
  const match = /^drover oom=(\w+) started=(\S+)/m.exec(cleanupOutput);
  if (match === null) return undefined;
  return { oom: match[1] === 'true', started: match[2]?.startsWith(neverStarted) !== true };
}
