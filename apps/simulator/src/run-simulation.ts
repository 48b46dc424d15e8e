import { drive } from './drive.ts';
import type { Violation } from './invariant-watch.ts';
import { RealTimeGuard } from './real-time-guard.ts';
import type { Scenario } from './scenario.ts';
import { World, type WorldOptions } from './world.ts';

/** How a run went. */
export interface SimulationResult {
  readonly scenario: Scenario;
  /** The same for the same seed, always. */
  readonly hash: string;
  readonly steps: number;
  readonly simulatedMs: number;
  readonly incarnations: number;
  /** It was ended early: nothing is said about what would have come. */
  readonly interrupted: boolean;
  /** Undefined: everything held. */
  readonly violation: Violation | undefined;
  /** Steps, and calls of ports that were answered: what the speed of a simulation is counted in. */
  readonly events: number;
  /** How often each thing happened that must happen sometimes. */
  readonly sometimes: ReadonlyMap<string, number>;
  /** How often each fault struck. */
  readonly strikes: ReadonlyMap<string, number>;
  /** Which occasions of each fault that strikes by chance were used, counted from 1. */
  readonly struck: ReadonlyMap<string, readonly number[]>;
  /** The end of the history. */
  readonly lines: readonly string[];
}

/** How to play a scenario. */
export interface RunOptions extends WorldOptions {
  /** Ends the run early, as `interrupted`. */
  readonly signal?: AbortSignal;
}

/** Plays one scenario from its beginning until it has converged, something is broken, or its time is up. */
export async function runSimulation(scenario: Scenario, options: RunOptions = {}): Promise<SimulationResult> {
  const guard = new RealTimeGuard();
  const { stackTraceLimit } = Error;
  guard.arm();
  // Faults make errors by the thousand, and nobody reads where they were made.
  Error.stackTraceLimit = 0;
  try {
    const world = new World(scenario, options);
    world.start();
    const endMs = scenario.healAtMs + scenario.convergeWithinMs;
    const { steps, stuckAtMs } = await drive({
      clock: world.clock,
      // Its client sends what one turn asks for in a tick at the end of that turn.
      ...(world.sqlite !== undefined && { ticks: world.sqlite.transactions }),
      afterStep: () => world.afterStep(),
      isOver: () =>
        world.watch.violation !== undefined ||
        world.isQuiet ||
        world.clock.monotonicMs() > endMs ||
        options.signal?.aborted === true,
    });
    await world.sqlite?.compareAll();
    const interrupted = options.signal?.aborted === true;
    if (stuckAtMs !== undefined) world.watch.fail('no hot loop', `time does not move on from ${stuckAtMs} ms`);
    if (!interrupted) world.watch.end();
    if (world.sqlite !== undefined) world.sometimes.moment('the queue is in SQLite');
    world.sometimes.strikes(world.strikeCounts);
    if (guard.uses.length > 0) world.watch.fail('nothing real inside', guard.uses.join('; '));
    return {
      scenario,
      hash: world.trace.hash,
      steps,
      events: steps + world.ears.answered,
      sometimes: world.sometimes.counts,
      simulatedMs: world.clock.monotonicMs(),
      incarnations: world.dispatchers.count,
      interrupted,
      violation: world.watch.violation,
      strikes: world.strikeCounts,
      struck: world.strikes.struck,
      get lines() {
        return world.trace.lines;
      },
    };
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    guard.disarm();
  }
}
