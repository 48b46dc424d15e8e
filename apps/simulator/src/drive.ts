import type { SimulatedClock } from '@drover/testkit';

/** Taken before anything can replace it; the turn of the event loop is the driver's own business. */
const nextTurn = setImmediate;

/** What the driver moves. */
export interface Drivable {
  readonly clock: SimulatedClock;
  /** Called after every step, when nothing can happen without another one. */
  readonly afterStep: () => void;
  /** True ends the run. */
  readonly isOver: () => boolean;
}

/** How far it went. */
export interface DriveResult {
  readonly steps: number;
  /** Set when so many steps happened without time moving that something runs in a circle. */
  readonly stuckAtMs: number | undefined;
}

/** More steps at one instant than any burst of the scenarios' sizes needs. */
const maxStepsPerInstant = 100_000;

/** Pops one event, lets every promise reaction run, looks at the world; again and again until it is over. */
export async function drive(world: Drivable): Promise<DriveResult> {
  let steps = 0;
  let stepsAtInstant = 0;
  await settled();
  while (!world.isOver()) {
    const beforeMs = world.clock.monotonicMs();
    if (!world.clock.step()) break;
    steps += 1;
    await settled();
    world.afterStep();
    const nowMs = world.clock.monotonicMs();
    stepsAtInstant = nowMs === beforeMs ? stepsAtInstant + 1 : 0;
    if (stepsAtInstant > maxStepsPerInstant) return { steps, stuckAtMs: nowMs };
  }
  return { steps, stuckAtMs: undefined };
}

function settled(): Promise<void> {
  return new Promise((resolve) => {
    nextTurn(resolve);
  });
}
