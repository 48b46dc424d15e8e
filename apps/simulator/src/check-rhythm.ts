/** How much of a run is checked: everything, or the dear looks at the whole world at times only. */
export type Checks = 'all' | 'sampled';

/** How often invariants look at the whole world. What hears of single moments (calls, commits, starts, kills) hears of each, always. */
export interface CheckRhythm {
  /** `check`: after every so many steps. */
  readonly everySteps: number;
  /** `review`: every so many simulated minutes. */
  readonly everyMinutes: number;
}

/** Sampled: rare enough to cost next to nothing, often enough that whatever lasts is seen. */
export const checkRhythms: Readonly<Record<Checks, CheckRhythm>> = {
  all: { everySteps: 1, everyMinutes: 1 },
  sampled: { everySteps: 1000, everyMinutes: 60 },
};
