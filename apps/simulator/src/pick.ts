import type { SeededRandom } from '@drover/testkit';

/** One of them, or undefined when there is none. */
export function pick<T>(all: readonly T[], random: SeededRandom): T | undefined {
  return all[random.integer(all.length)];
}
