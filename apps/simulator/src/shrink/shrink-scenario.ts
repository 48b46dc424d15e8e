import type { BrokenRule } from '../plans/plan-file.ts';
import type { AllowedStrikes } from '../plans/strike-book.ts';
import type { SimulationResult } from '../run-simulation.ts';
import type { Scenario } from '../scenario.ts';
import { reduceList } from './reduce-list.ts';
import { sameViolation } from './same-violation.ts';
import { simplifications } from './simplifications.ts';

/** How to shrink. */
export interface ShrinkOptions {
  /** Plays one scenario; always in the same way. */
  readonly run: (scenario: Scenario) => Promise<SimulationResult>;
  /** After so many runs the smallest so far is the result. Default 600. */
  readonly maxRuns?: number;
  /** Ends the search early, as the bound does. */
  readonly signal?: AbortSignal;
  /** Hears of every smaller scenario that still breaks the same. */
  readonly onProgress?: (progress: ShrinkProgress) => void;
}

/** A smaller scenario was found, or a part of the search begins. */
export interface ShrinkProgress {
  readonly runs: number;
  /** What was made smaller, in words. */
  readonly what: string;
  readonly scenario: Scenario;
}

/** What is left. */
export interface ShrinkResult {
  readonly scenario: Scenario;
  readonly breaks: BrokenRule;
  readonly runs: number;
  /** False: the bound on runs or the signal ended the search. */
  readonly isFinished: boolean;
}

/**
 * Makes a scenario that breaks something smaller, while it breaks the same: fewer kinds of fault, containers, types, VMs, single
 * strikes of faults, plain values instead of ranges, less time; around and around until nothing more goes. Undefined when the scenario
 * breaks nothing.
 */
export async function shrinkScenario(scenario: Scenario, options: ShrinkOptions): Promise<ShrinkResult | undefined> {
  const search = new ShrinkSearch(options);
  return (await search.begin(scenario)) ? search.finish() : undefined;
}

class ShrinkSearch {
  readonly #options: ShrinkOptions;
  readonly #maxRuns: number;
  #runs = 0;
  #best: SimulationResult | undefined;

  constructor(options: ShrinkOptions) {
    this.#options = options;
    this.#maxRuns = options.maxRuns ?? 600;
  }

  async begin(scenario: Scenario): Promise<boolean> {
    const result = await this.#options.run(scenario);
    this.#runs += 1;
    this.#best = result;
    return result.violation !== undefined;
  }

  async finish(): Promise<ShrinkResult | undefined> {
    let before = '';
    while (this.#size() !== before && this.#mayGoOn()) {
      before = this.#size();
      await this.#reduceFaults();
      await this.#reduceContainers();
      await this.#reduceTypes();
      await this.#simplify();
      await this.#reduceStrikes();
    }
    const { scenario, violation } = this.#result();
    if (violation === undefined) return undefined;
    const { number, rule, detail } = violation;
    return { scenario, breaks: { number, rule, detail }, runs: this.#runs, isFinished: this.#mayGoOn() };
  }

  #reduceFaults(): Promise<unknown> {
    return reduceList(this.#scenario().faults, (faults) => this.#try('fewer faults', { faults }));
  }

  #reduceContainers(): Promise<unknown> {
    const { onlyContainers, containers } = this.#scenario();
    const present = onlyContainers ?? Array.from({ length: containers }, (_, index) => index + 1);
    return reduceList(present, (part) => this.#try('fewer containers', { onlyContainers: part }));
  }

  #reduceTypes(): Promise<unknown> {
    return reduceList(this.#scenario().instanceTypes, async (instanceTypes) => {
      return instanceTypes.length > 0 && this.#try('fewer instance types', { instanceTypes });
    });
  }

  /** Every fault that struck by chance is from now on named strike by strike. */
  async #reduceStrikes(): Promise<void> {
    const named = (strikes: readonly Strike[]): Partial<Scenario> => ({ strikes: toAllowed(strikes, this.#named()) });
    await reduceList(struckIn(this.#result()), (part) => this.#try('fewer strikes', named(part)));
    await this.#forgetFaultsWithoutStrikes();
  }

  /** A fault that is named without any strike, only because it struck in a larger scenario. */
  async #forgetFaultsWithoutStrikes(): Promise<void> {
    const strikes = Object.entries(this.#scenario().strikes ?? {});
    const silent = strikes.filter(([, ordinals]) => ordinals.length === 0).map(([fault]) => fault);
    await reduceList(silent, (kept) => {
      const left = strikes.filter(([fault]) => !silent.includes(fault) || kept.includes(fault));
      return this.#try('fewer names', { strikes: Object.fromEntries(left) });
    });
  }

  #named(): readonly string[] {
    return [...this.#result().struck.keys(), ...Object.keys(this.#scenario().strikes ?? {})];
  }

  async #simplify(): Promise<void> {
    for (const part of simplifications(this.#scenario())) {
      // What was made simpler meanwhile may make this one pointless.
      const still = simplifications(this.#scenario()).map((other) => JSON.stringify(other));
      if (still.includes(JSON.stringify(part))) await this.#try(`simpler ${Object.keys(part).join()}`, part);
    }
  }

  async #try(what: string, part: Partial<Scenario>): Promise<boolean> {
    if (!this.#mayGoOn()) return false;
    const wanted = this.#result().violation;
    const result = await this.#options.run({ ...this.#scenario(), ...part });
    this.#runs += 1;
    const { violation } = result;
    if (result.interrupted || wanted === undefined || violation === undefined || !sameViolation(violation, wanted))
      return false;
    this.#best = result;
    this.#options.onProgress?.({ runs: this.#runs, what, scenario: result.scenario });
    return true;
  }

  #mayGoOn(): boolean {
    return this.#runs < this.#maxRuns && this.#options.signal?.aborted !== true;
  }

  #result(): SimulationResult {
    if (this.#best === undefined) throw new Error('nothing has been run');
    return this.#best;
  }

  #scenario(): Scenario {
    return this.#result().scenario;
  }

  #size(): string {
    return JSON.stringify(this.#scenario());
  }
}

interface Strike {
  readonly fault: string;
  readonly ordinal: number;
}

function struckIn(result: SimulationResult): readonly Strike[] {
  return [...result.struck].flatMap(([fault, ordinals]) => ordinals.map((ordinal) => ({ fault, ordinal })));
}

function toAllowed(strikes: readonly Strike[], faults: readonly string[]): AllowedStrikes {
  return Object.fromEntries(
    [...new Set(faults)].toSorted().map((fault) => {
      return [fault, strikes.filter((strike) => strike.fault === fault).map(({ ordinal }) => ordinal)];
    }),
  );
}
