import type { ContainerEvent, DispatchEvent, RefusalCode } from '@drover/spec';
import { type FaultName, faultNames } from './faults/fault-names.ts';
import { strikesOf } from './faults/strike-names.ts';

/** Everything that a dispatcher reports. A record, so that the compiler misses none. */
const eventTypes: Readonly<Record<DispatchEvent['type'], true>> = {
  'dispatcher-started': true,
  'dispatcher-ready': true,
  'dispatcher-stopping': true,
  'leadership-lost': true,
  'cloud-call': true,
  'cloud-hold': true,
  'quota-reached': true,
  'capacity-unavailable': true,
  'create-requested': true,
  'create-failed': true,
  'instance-appeared': true,
  'instance-state': true,
  'instance-behavior': true,
  'instance-gone': true,
  'boot-outcome': true,
  'ssh-connected': true,
  'instance-ready': true,
  'host-key-mismatch': true,
  probe: true,
  'instance-broken': true,
  'instance-preempted': true,
  'runner-deployed': true,
  'container-starting': true,
  'container-started': true,
  'container-start-failed': true,
  'container-exited': true,
  'container-killed': true,
  'container-unkillable': true,
  'container-adopted': true,
  'container-state': true,
  'queue-error': true,
  pass: true,
};

const refusals: readonly RefusalCode[] = ['superseded', 'older-generation', 'broken', 'hash-mismatch'];
const outcomes = ['success', 'failure', 'aborted', 'disappeared'] as const;
const exits = ['instance-lost', 'preempted', 'unknown'] as const;
const moves: readonly ContainerEvent['kind'][] = ['unlocked', 'lost', 'cancelled', 'priority', 'finished'];

/** Moments that the world itself tells of. */
export const worldMoments = [
  'a dispatcher dies in a call that takes effect',
  'a dispatcher dies in a call that does not',
  'two dispatchers act at once',
  'the queue is in SQLite',
  'a quiet moment is compared with what a new dispatcher would decide',
  'a container runs again after its VM was lost',
] as const;

export type WorldMoment = (typeof worldMoments)[number];

/** Everything that must happen somewhere in a run over enough seeds; what never does is not tested by it. */
export const whatMustHappen: readonly string[] = [
  ...faultNames.map(faultHappened),
  ...Object.keys(eventTypes).map((type) => `event ${type}`),
  ...refusals.map((code) => `refused: ${code}`),
  ...outcomes.map((outcome) => `boot ${outcome}`),
  ...exits.map((reason) => `exit ${reason}`),
  ...moves.map((kind) => `queue ${kind}`),
  ...worldMoments,
];

/** Counts what happened, by name. */
export class Sometimes {
  readonly #counts = new Map<string, number>();
  /** Of events, by type alone: they are by far the most. */
  readonly #events = new Map<DispatchEvent['type'], number>();

  get counts(): ReadonlyMap<string, number> {
    const events = Array.from(this.#events, ([type, times]) => [`event ${type}`, times] as const);
    return new Map([...this.#counts, ...events]);
  }

  moment(name: WorldMoment): void {
    this.#hit(name);
  }

  refused(code: RefusalCode): void {
    this.#hit(`refused: ${code}`);
  }

  event(event: DispatchEvent): void {
    this.#events.set(event.type, (this.#events.get(event.type) ?? 0) + 1);
    if (event.type === 'boot-outcome') this.#hit(`boot ${event.outcome}`);
    else if (event.type === 'container-exited') this.#hit(`exit ${event.reason}`);
  }

  queue({ kind }: ContainerEvent): void {
    this.#hit(`queue ${kind}`);
  }

  /** Once at the end: how often each fault struck, by the name under which it is counted. */
  strikes(counts: ReadonlyMap<string, number>): void {
    for (const fault of faultNames)
      for (const name of strikesOf(fault)) this.#hit(faultHappened(fault), counts.get(name) ?? 0);
  }

  #hit(name: string, times = 1): void {
    if (times > 0) this.#counts.set(name, (this.#counts.get(name) ?? 0) + times);
  }
}

/** What has not happened in any of these runs. */
export function whatNeverHappened(runs: Iterable<ReadonlyMap<string, number>>): readonly string[] {
  const happened = new Set<string>();
  for (const counts of runs) for (const name of counts.keys()) happened.add(name);
  return whatMustHappen.filter((name) => !happened.has(name));
}

function faultHappened(fault: FaultName): string {
  return `fault ${fault}`;
}
