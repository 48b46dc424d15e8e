import type { LossRecord, QueueEntry, QueueUpdate, RunResult } from '@drover/spec';
import type { ModelEnd, ModelStep } from '@drover/testkit';
import type { PortCall } from '../port-call.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What a call asks of one container, as the model takes it; undefined: nothing that it knows of. */
export function stepOf({ operation, request }: PortCall): ModelStep | undefined {
  if (!isFields(request)) return undefined;
  if (operation === 'setPriority') return { do: 'priority', priority: Number(request['priority']) };
  const generation = Number(request['generation']);
  switch (operation) {
    case 'lock':
    case 'unlock':
    case 'started':
    case 'cancel':
      return { do: operation, generation };
    case 'finished':
      return isResult(request['result']) ? { do: 'finished', generation, end: modelEnd(request['result']) } : undefined;
    case 'lost':
      return isLoss(request['loss']) ? { do: 'lost', generation, reason: request['loss'].reason } : undefined;
    default:
      return undefined;
  }
}

export function isEntry(value: unknown): value is QueueEntry {
  return isFields(value) && 'uuid' in value && 'generation' in value && 'priority' in value;
}

export function isUpdate(value: unknown): value is QueueUpdate {
  return isFields(value) && 'cursor' in value && 'entries' in value;
}

function isResult(value: unknown): value is RunResult {
  return isFields(value) && 'finishedAtMs' in value;
}

function isLoss(value: unknown): value is LossRecord {
  return isFields(value) && 'reason' in value;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

/** How a run ended, in the model's words. */
function modelEnd({ unknown, preempted, killed, oom, timedOut, exitCode, startError }: RunResult): ModelEnd {
  if (unknown) return 'unknown';
  if (preempted) return 'preempted';
  if (killed) return 'killed';
  // Users of the simulated world want other ends tried again than these two.
  if (oom || timedOut) return 'oom';
  return exitCode === 0 && startError === undefined ? 'success' : 'exit-code';
}
