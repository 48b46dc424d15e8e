import type { ExitedRun, FinishedRun } from '@drover/spec';
import type { RunKey } from './worker-runs.ts';

/** Runs that are over and that the scheduler has not dealt with yet. */
export class RunLedger {
  readonly #finished = new Map<string, FinishedRun>();
  readonly #exited = new Map<string, ExitedRun>();
  #finishedList: readonly FinishedRun[] = [];
  #exitedList: readonly ExitedRun[] = [];
  #stale = false;

  /** Ended with a result, oldest first; the same array while nothing changes. */
  get finished(): readonly FinishedRun[] {
    this.#refresh();
    return this.#finishedList;
  }

  /** Gone without a result, oldest first; the same array while nothing changes. */
  get exited(): readonly ExitedRun[] {
    this.#refresh();
    return this.#exitedList;
  }

  addFinished(run: FinishedRun): void {
    this.#finished.set(keyOf(run), run);
    this.#exited.delete(keyOf(run));
    this.#stale = true;
  }

  /** A result that can no longer be fetched is no result. */
  addExited(run: ExitedRun): void {
    this.#exited.set(keyOf(run), run);
    this.#finished.delete(keyOf(run));
    this.#stale = true;
  }

  /** Takes a finished run out; undefined when there is none. */
  takeFinished(key: RunKey): FinishedRun | undefined {
    const run = this.#finished.get(keyOf(key));
    if (run === undefined) return undefined;
    this.#finished.delete(keyOf(key));
    this.#stale = true;
    return run;
  }

  /** True when there was one. */
  forgetExited(key: RunKey): boolean {
    const known = this.#exited.delete(keyOf(key));
    if (known) this.#stale = true;
    return known;
  }

  #refresh(): void {
    if (!this.#stale) return;
    this.#stale = false;
    this.#finishedList = [...this.#finished.values()];
    this.#exitedList = [...this.#exited.values()];
  }
}

function keyOf({ uuid, generation }: RunKey): string {
  return `${uuid} ${generation}`;
}
