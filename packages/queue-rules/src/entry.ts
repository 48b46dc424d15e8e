import type { ContainerSpec, QueueEntry } from '@drover/spec';
import type { ContainerFacts } from './facts.ts';

/** What never changes about a container and the scheduler needs. */
export interface EntryShape {
  readonly resources: ContainerSpec['resources'];
  readonly scheduling: ContainerSpec['scheduling'];
  readonly image?: string;
}

/** What changes about a container and the scheduler needs. */
export type EntryFacts = Pick<
  ContainerFacts,
  'uuid' | 'state' | 'priority' | 'generation' | 'instanceId' | 'infrastructureFailures' | 'onDemandOnly'
>;

/** The scheduler's view of a container. */
export function toEntry(
  facts: EntryFacts,
  shape: EntryShape,
  place: { readonly sequence: number; readonly submittedAtMs: number },
): QueueEntry {
  return {
    uuid: facts.uuid,
    state: facts.state,
    priority: facts.priority,
    generation: facts.generation,
    resources: shape.resources,
    scheduling: shape.scheduling,
    ...(shape.image === undefined ? {} : { image: shape.image }),
    submittedAtMs: place.submittedAtMs,
    sequence: place.sequence,
    ...(facts.instanceId === undefined ? {} : { instanceId: facts.instanceId }),
    infrastructureFailures: facts.infrastructureFailures,
    ...(facts.onDemandOnly ? { onDemandOnly: true } : {}),
  };
}
