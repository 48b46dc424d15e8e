import type { Sabotage } from '../incarnation.ts';
import type { Scenario } from '../scenario.ts';

/** What kind of mistake it is. */
export type FailureClass =
  | 'stale read'
  | 'lost event'
  | 'double creation'
  | 'leaked resource'
  | 'premature deletion'
  | 'forgetting at restart'
  | 'race on unlock'
  | 'double completion'
  | 'lost result'
  | 'wrong counting'
  | 'retry storm'
  | 'mistaken identity'
  | 'foreign process'
  | 'starvation'
  | 'split brain'
  | 'endless wait';

/** A public report of the mistake. */
export interface Source {
  /** As people cite it: `kubernetes/autoscaler#3886`, or `arvados/arvados 630601173b (14325)` for a commit and its ticket. */
  readonly name: string;
  readonly url: string;
}

/**
 * A mistake that others have made, as a small change of the real dispatcher: a port that lies, forgets or repeats, or an option that
 * says something else. Nothing of the dispatcher's own code knows of it.
 */
export interface PlantedBug {
  readonly id: string;
  /** What the dispatcher does wrong, in one sentence. */
  readonly title: string;
  readonly source: Source;
  readonly failureClass: FailureClass;
  /** Numbers of the invariants that may notice first. */
  readonly expected: readonly number[];
  /** What must be so for the mistake to show at all; everything else stays as the seed draws it. */
  readonly where?: (drawn: Scenario) => Partial<Scenario>;
  /** Made anew for every run; each hook is called anew for every incarnation. */
  readonly plant: () => Sabotage;
}
