import type { RunnerStatus } from '@drover/spec';
import type { AgentRun, AgentStore } from './agent-store.ts';

/** What of an agent's state shows in its status. A run tells nothing new while its state is the same. */
interface Shown {
  readonly sequence: number;
  readonly bootId: string;
  readonly draining: boolean;
  readonly broken: string | undefined;
  readonly preemptionNotice: string | undefined;
  readonly runs: readonly { readonly run: AgentRun; readonly state: AgentRun['state'] }[];
}

/** The status of one agent as JSON. It is asked for every few seconds and changes twice per container, so it is made only then. */
export class StatusText {
  readonly #store: AgentStore;
  readonly #status: () => RunnerStatus;
  #shown: Shown | undefined;
  #text = '';

  /** `status`: what to say of the store. */
  constructor(store: AgentStore, status: () => RunnerStatus) {
    this.#store = store;
    this.#status = status;
  }

  get text(): string {
    if (this.#shown === undefined || !isAsShown(this.#store, this.#shown)) {
      this.#shown = shown(this.#store);
      this.#text = JSON.stringify(this.#status());
    }
    return this.#text;
  }
}

function shown({ sequence, bootId, draining, broken, preemptionNotice, runs }: AgentStore): Shown {
  const states = Array.from(runs.values(), (run) => ({ run, state: run.state }));
  return { sequence, bootId, draining, broken, preemptionNotice, runs: states };
}

function isAsShown(store: AgentStore, before: Shown): boolean {
  if (
    store.sequence !== before.sequence ||
    store.bootId !== before.bootId ||
    store.draining !== before.draining ||
    store.broken !== before.broken ||
    store.preemptionNotice !== before.preemptionNotice ||
    store.runs.size !== before.runs.length
  )
    return false;
  let index = 0;
  for (const run of store.runs.values()) {
    const then = before.runs[index];
    if (then?.run !== run || then.state !== run.state) return false;
    index += 1;
  }
  return true;
}
