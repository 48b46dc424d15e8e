import type { SimulatedClock } from '@drover/testkit';
import { whenSettled } from './when-settled.ts';

/** Taken before anything can replace it. */
const nextTurn = setImmediate;

/** What the driver moves. */
export interface Drivable {
  readonly clock: SimulatedClock;
  /** How often something was done in a tick of the process so far, for worlds in which something waits for those. */
  readonly ticks?: () => number;
  /** Called after every step, when nothing can happen without another one. */
  readonly afterStep?: () => void;
  /** True ends the run. */
  readonly isOver: () => boolean;
  /** More steps at one instant than any burst needs. Default: what the scenarios' sizes need. */
  readonly maxStepsPerInstant?: number;
}

/** How far it went. */
export interface DriveResult {
  /** Entries of the clock's heap that were popped and carried out; cancelled timers are not among them. */
  readonly steps: number;
  /** Set when so many steps happened without time moving that something runs in a circle. */
  readonly stuckAtMs: number | undefined;
}

const usualStepsPerInstant = 100_000;
/** Steps until the event loop gets a turn: for what it does between turns, such as telling of unhandled rejections. */
const stepsPerTurn = 256;

/** Pops one event, lets every promise reaction run, looks at the world; again and again until it is over. */
export function drive(world: Drivable): Promise<DriveResult> {
  return new Promise((resolve, reject) => {
    const { clock, ticks, afterStep, maxStepsPerInstant = usualStepsPerInstant } = world;
    let steps = 0;
    let stepsAtInstant = 0;
    let lastMs = clock.monotonicMs();
    const again = (): void => {
      try {
        if (steps > 0) afterStep?.();
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
      if (steps % stepsPerTurn === 0) nextTurn(again);
      else whenSettled(again, ticks);
    };
    nextTurn(again);
  });
}
