import type { SimulatedClock } from '@drover/testkit';

/** Taken before anything can replace them; how promise reactions are waited for is the driver's own business. */
const nextTurn = setImmediate;
const nextTick = process.nextTick.bind(process);

/** What the driver moves. */
export interface Drivable {
  readonly clock: SimulatedClock;
  /** True: something in it waits for ticks of the process, so that each step takes a whole turn of the event loop. */
  readonly needsTurns?: boolean;
  /** Called after every step, when nothing can happen without another one. */
  readonly afterStep: () => void;
  /** True ends the run. */
  readonly isOver: () => boolean;
}

/** How far it went. */
export interface DriveResult {
  /** Entries of the clock's heap that were popped and carried out; cancelled timers are not among them. */
  readonly steps: number;
  /** Set when so many steps happened without time moving that something runs in a circle. */
  readonly stuckAtMs: number | undefined;
}

/** More steps at one instant than any burst of the scenarios' sizes needs. */
const maxStepsPerInstant = 100_000;
/** Reactions to it are as cheap a way into the line of reactions as there is. */
const settled = Promise.resolve();
/** Steps until the event loop gets a turn: for what it does between turns, such as telling of unhandled rejections. */
const stepsPerTurn = 256;

/** Pops one event, lets every promise reaction run, looks at the world; again and again until it is over. */
export function drive(world: Drivable): Promise<DriveResult> {
  return new Promise((resolve, reject) => {
    const { clock, needsTurns = false } = world;
    let steps = 0;
    let stepsAtInstant = 0;
    let lastMs = clock.monotonicMs();
    const again = (): void => {
      try {
        if (steps > 0) world.afterStep();
        const nowMs = clock.monotonicMs();
        stepsAtInstant = nowMs === lastMs ? stepsAtInstant + 1 : 0;
        lastMs = nowMs;
        const stuck = stepsAtInstant > maxStepsPerInstant;
        if (stuck || world.isOver() || !clock.step()) {
          resolve({ steps, stuckAtMs: stuck ? nowMs : undefined });
          return;
        }
        steps += 1;
      } catch (error) {
        reject(error);
        return;
      }
      // For what the event loop does between turns, it gets one at times.
      if (needsTurns || steps % stepsPerTurn === 0) nextTurn(again);
      else settled.then(whenSettled, reject);
    };
    /**
     * Every promise reaction that is ready, and all that they cause, run before the ticks of the process, so a tick asked for from
     * within the reactions is a moment after the last of them; a turn of the event loop is one too, at several times the price.
     */
    const whenSettled = (): void => nextTick(again);
    nextTurn(again);
  });
}
