import type { Attempt, ContainerRecord, ContainerSpec, ContainerSummary } from '@drover/spec';
import type { ContainerFacts } from './facts.ts';

/** What a queue keeps of a container beside its facts. */
export interface Submission {
  readonly spec: ContainerSpec;
  readonly submittedAtMs: number;
}

/** Everything about a container; `attempts` in order of generation. */
export function toRecord(facts: ContainerFacts, submission: Submission, attempts: readonly Attempt[]): ContainerRecord {
  const result = attempts.at(-1)?.result;
  return {
    uuid: facts.uuid,
    state: facts.state,
    priority: facts.priority,
    generation: facts.generation,
    spec: submission.spec,
    submittedAtMs: submission.submittedAtMs,
    ...(facts.finishedAtMs === undefined ? {} : { finishedAtMs: facts.finishedAtMs }),
    ...(result === undefined ? {} : { result }),
    ...(facts.state === 'Cancelled' && facts.cancelReason !== undefined ? { cancelReason: facts.cancelReason } : {}),
    ...(facts.instanceId === undefined ? {} : { instanceId: facts.instanceId }),
    attempts,
  };
}

/** One row of a list; `last` is the newest attempt. */
export function toSummary(
  facts: ContainerFacts,
  submission: { readonly spec: Pick<ContainerSpec, 'name' | 'command'>; readonly submittedAtMs: number },
  last: Attempt | undefined,
): ContainerSummary {
  const { name, command } = submission.spec;
  return {
    uuid: facts.uuid,
    ...(name === undefined ? {} : { name }),
    state: facts.state,
    priority: facts.priority,
    generation: facts.generation,
    command,
    submittedAtMs: submission.submittedAtMs,
    ...(last?.startedAtMs === undefined ? {} : { startedAtMs: last.startedAtMs }),
    ...(facts.finishedAtMs === undefined ? {} : { finishedAtMs: facts.finishedAtMs }),
    ...(last?.result?.exitCode === undefined ? {} : { exitCode: last.result.exitCode }),
    ...(last?.result?.signal === undefined ? {} : { signal: last.result.signal }),
    ...(facts.instanceId === undefined ? {} : { instanceId: facts.instanceId }),
  };
}
