import type { Instance } from '@drover/spec';
import { isCreate } from './create-call.ts';
import type { PortAnswer, PortCall, PortObserver } from './port-call.ts';
import { ShownVms } from './shown-vms.ts';
import type { World } from './world.ts';

/** Hears everything that dispatchers ask of their ports, and tells the invariants. */
export class Ears implements PortObserver {
  readonly #world: World;
  readonly #openBy = new Map<number, number>();
  /** What the cloud has shown to whom. */
  readonly shown = new ShownVms();
  #calls = 0;
  #open = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Calls that have been answered so far. */
  get answered(): number {
    return this.#calls - this.#open;
  }

  /** Calls under way, those of dead dispatchers included. */
  get open(): number {
    return this.#open;
  }

  /** Calls of one dispatcher that are under way. */
  openCallsOf(dispatcher: number): number {
    return this.#openBy.get(dispatcher) ?? 0;
  }

  onCall(call: PortCall): void {
    const { watch, vms, dispatchers } = this.#world;
    this.#calls += 1;
    this.#open += 1;
    this.#openBy.set(call.dispatcher, this.openCallsOf(call.dispatcher) + 1);
    watch.call(call);
    // A cloud cannot fence: what one does that does not know yet that it was replaced, only runners and queue can refuse.
    const isCurrent = call.dispatcher === dispatchers.count;
    if (!isCurrent && call.changes && call.dispatcher > 0) this.#world.sometimes.moment('two dispatchers act at once');
    if (isCreate(call)) {
      if (isCurrent) watch.create(vms.toCome(call.request));
      vms.createBegun(call.request);
    } else if (isDestroy(call) && isCurrent) watch.destroy(call.request);
  }

  onAnswer(call: PortCall, answer: PortAnswer): void {
    this.#open -= 1;
    this.#openBy.set(call.dispatcher, this.openCallsOf(call.dispatcher) - 1);
    const { vms, watch } = this.#world;
    if (isCreate(call)) vms.createAnswered(call.request);
    if (!answer.ok && call.operation === 'setBehavior') vms.noteDoubt(call.subject);
    this.shown.heard(call, answer);
    watch.answer(call, answer);
  }
}

function isDestroy(call: PortCall): call is PortCall & { readonly request: Instance } {
  return call.port === 'cloud' && call.operation === 'destroy';
}
