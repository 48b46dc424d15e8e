import { readFile, writeFile } from 'node:fs/promises';
import { type BugFigure, caughtBy, formatFigures, measureBug, medianSeeds, parseFigures } from './ledger-figures.ts';
import { ledgerPage } from './ledger-page.ts';
import { plantedBugs } from './registry.ts';

const figuresFile = new URL('../../ledger.jsonl', import.meta.url);
const pageFile = new URL('../../../../docs/bug-ledger.md', import.meta.url);

/**
 * `npm run ledger`: hunts every planted bug, or those named as arguments, and writes figures and page. What was measured before stays
 * for the others. `--page` writes the page alone.
 */
async function main(argv: readonly string[]): Promise<void> {
  const figures = new Map((await readFigures()).map((figure) => [figure.id, figure]));
  const wanted = argv.includes('--page') ? [] : plantedBugs.filter(({ id }) => argv.length === 0 || argv.includes(id));
  for (const bug of wanted) {
    const figure = await measureBug(bug, ({ seed, violation }) => {
      print(`${bug.id}: seed ${seed} breaks ${violation.number} without it: ${violation.detail}`);
    });
    figures.set(bug.id, figure);
    const median = medianSeeds(figure);
    print(
      `${bug.id}: ${median === undefined ? 'not caught' : `by ${caughtBy(figure).join(', ')}, median ${median} seeds`}`,
    );
    await write(figures);
  }
  await write(figures);
}

async function write(figures: ReadonlyMap<string, BugFigure>): Promise<void> {
  // In the order of the registry; a bug that is not planted any more is forgotten.
  const present = plantedBugs.flatMap(({ id }) => figures.get(id) ?? []);
  await writeFile(figuresFile, formatFigures(present));
  await writeFile(pageFile, ledgerPage(plantedBugs, present));
}

async function readFigures(): Promise<readonly BugFigure[]> {
  try {
    return parseFigures(await readFile(figuresFile, 'utf8'));
  } catch {
    return [];
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

await main(process.argv.slice(2));
