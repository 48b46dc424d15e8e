import type { QueueEntry, WhyCode } from '@drover/spec';
import { describeCount } from './describe-amounts.ts';

/** What the sentences speak of beside the code. */
export interface WhyFacts {
  readonly entry: QueueEntry;
  /** Place among those that wait, from 1. */
  readonly position: number | undefined;
  readonly eligibleTypes: readonly string[];
  readonly dynamicLimit: number;
  readonly limitCountsVms: boolean;
  readonly maxSupervisors: number;
  /** What holds creates back, as the pool tells it. */
  readonly notes: readonly string[];
  readonly instances: number;
  /** Where it runs or starts. */
  readonly instanceId: string | undefined;
  /** Why no type can serve it. */
  readonly rejection: string;
}

/** One sentence for the user about why a container waits, or that it does not. */
export function whySentence(code: WhyCode, facts: WhyFacts): string {
  return sentences[code](facts);
}

const sentences: Readonly<Record<WhyCode, (facts: WhyFacts) => string>> = {
  starting: (facts) => `It is being started${place(facts)}.`,
  running: (facts) => `It runs${place(facts)}.`,
  finished: (facts) => `Its run has ended${place(facts)} and the result is being recorded.`,
  'priority-zero': () => 'Its priority is 0, so it is not to be run; give it a priority of 1 or more.',
  'waiting-for-boot': () => 'It has a place on an instance that is still booting.',
  'waiting-for-create': (facts) => `It has a place on an instance that has just been asked for (${types(facts)}).`,
  'waiting-for-lock': () => 'It is next: the queue is being asked to lock it.',
  'over-quota': (facts) =>
    `It waits${turn(facts)}: no instance has room, and no more than the present ${facts.instances} may exist${notes(facts)}.`,
  'container-limit': (facts) => `It waits${turn(facts)}: the present limit of ${limit(facts)} is reached.`,
  'supervisor-limit': (facts) =>
    `It waits${turn(facts)}: at most ${describeCount(facts.maxSupervisors, 'supervisor')} may run at the same time, so that what they wait for finds room.`,
  'at-capacity': (facts) =>
    `No instance has room, and the cloud cannot supply any type that suits it now (${types(facts)})${notes(facts)}.`,
  'create-declined': (facts) => `No instance has room, and no new one can be asked for at the moment${notes(facts)}.`,
  'former-attempt-alive': () => 'An earlier attempt of it is still alive and has to end first; it has been told to.',
  unsatisfiable: (facts) => `It cannot run: ${facts.rejection}.`,
  recovering: ({ entry }) =>
    entry.state === 'Running'
      ? 'It should be running, but no instance says so; this is being looked into.'
      : 'Nothing is decided about it before everything that runs is known.',
  'queue-unavailable': () => 'The queue does not answer; it is asked again.',
};

function turn({ position }: WhyFacts): string {
  return position === undefined ? '' : ` at position ${position}`;
}

function limit({ dynamicLimit, limitCountsVms }: WhyFacts): string {
  return limitCountsVms
    ? `${describeCount(dynamicLimit, 'instance')} in use`
    : describeCount(dynamicLimit, 'container');
}

function place({ instanceId }: WhyFacts): string {
  return instanceId === undefined ? '' : ` on ${instanceId}`;
}

function notes(facts: WhyFacts): string {
  return facts.notes.length === 0 ? '' : ` (${facts.notes.join('; ')})`;
}

function types({ eligibleTypes }: WhyFacts): string {
  const shown = 4;
  const rest = eligibleTypes.length - shown;
  return rest > 0 ? `${eligibleTypes.slice(0, shown).join(', ')} and ${rest} more` : eligibleTypes.join(', ');
}
