import { z } from 'zod';
import { type Catch, catchBug, type HuntOptions } from './catch-bug.ts';
import type { PlantedBug } from './planted-bug.ts';

/** Where each of the counts begins: three independent ranges of seeds. */
export const firstSeeds = [1, 1_000_001, 2_000_001] as const;

/** After so many seeds without a violation a range ends as not caught. */
export const maxSeedsPerRange = 200;

const figureSchema = z.strictObject({
  id: z.string(),
  /** One per range; null: not caught in it. */
  catches: z.array(z.strictObject({ seed: z.int().min(0), number: z.int().min(0), seeds: z.int().min(1) }).nullable()),
});

/** What was found out about one planted bug. */
export type BugFigure = z.infer<typeof figureSchema>;

/** The figures of a file of JSON lines. Throws when it is not one. */
export function parseFigures(text: string): readonly BugFigure[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => figureSchema.parse(JSON.parse(line)));
}

/** One JSON line per planted bug. */
export function formatFigures(figures: readonly BugFigure[]): string {
  return figures.map((figure) => `${JSON.stringify(figure)}\n`).join('');
}

/** Hunts one planted bug through every range of seeds. */
export async function measureBug(
  bug: PlantedBug,
  onUnsound: NonNullable<HuntOptions['onUnsound']>,
): Promise<BugFigure> {
  const catches: (Catch | null)[] = [];
  for (const firstSeed of firstSeeds)
    catches.push((await catchBug(bug, { firstSeed, maxSeeds: maxSeedsPerRange, onUnsound })) ?? null);
  return { id: bug.id, catches };
}

/** The median number of seeds until it was caught; undefined when most ranges never caught it. */
export function medianSeeds({ catches }: BugFigure): number | undefined {
  const sorted = catches.map((found) => found?.seeds ?? Number.POSITIVE_INFINITY).toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)];
  return median === undefined || !Number.isFinite(median) ? undefined : median;
}

/** Numbers of the invariants that caught it, in ascending order. */
export function caughtBy({ catches }: BugFigure): readonly number[] {
  const numbers = catches.flatMap((found) => (found === null ? [] : [found.number]));
  return [...new Set(numbers)].toSorted((a, b) => a - b);
}
