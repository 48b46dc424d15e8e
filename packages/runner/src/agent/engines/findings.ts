import type { EngineFindings } from '../run-result.ts';

/** Reads what a container engine's cleanup printed (`oom=true` or `oom=false`); undefined when there was none. */
export function readFindings(cleanupOutput: string): EngineFindings | undefined {
  const match = /^oom=(true|false)$/m.exec(cleanupOutput);
  return match === null ? undefined : { oom: match[1] === 'true' };
}
