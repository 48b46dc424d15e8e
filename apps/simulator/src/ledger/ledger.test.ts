import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { runPlanted, scenarioFor } from './catch-bug.ts';
import { caughtBy, medianSeeds, parseFigures } from './ledger-figures.ts';
import { ledgerPage } from './ledger-page.ts';
import { findPlantedBug, plantedBugs } from './registry.ts';

// A whole run each, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

const figures = parseFigures(readFileSync(new URL('../../ledger.jsonl', import.meta.url), 'utf8'));

describe('the ledger', () => {
  it('has every planted bug once, from a source that can be opened', () => {
    const ids = plantedBugs.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const measured = figures.map(({ id }) => id);
    expect(measured).toEqual(ids.filter((id) => measured.includes(id)));
    for (const { source } of plantedBugs)
      expect(source.url).toMatch(/^https:\/\/github\.com\/[\w.-]+\/[\w.-]+\/(issues|commit)\/\w+$/);
  });

  it('has at least forty of them, each caught by an invariant that was meant to', () => {
    const caught = figures.filter((figure) => medianSeeds(figure) !== undefined);
    expect(caught.length).toBeGreaterThanOrEqual(40);
    const unexpected = caught.flatMap((figure) => {
      const { expected = [] } = findPlantedBug(figure.id) ?? {};
      return caughtBy(figure)
        .filter((number) => !expected.includes(number))
        .map((number) => `${figure.id}: ${number}`);
    });
    expect(unexpected).toEqual([]);
  });

  it('is the page in docs (npm run ledger -- --page writes it)', () => {
    const page = readFileSync(new URL('../../../../docs/bug-ledger.md', import.meta.url), 'utf8');
    expect(page).toBe(ledgerPage(plantedBugs, figures));
  });
});

/** Some of each family, quick ones, at the seeds where they were caught. */
const quickOnes = [
  'idle-when-last-seen',
  'wrong-victim',
  'same-job-two-nodes',
  'log-cut-off',
  'others-vms-too',
  'priorities-upside-down',
  'knocks-while-booting',
] as const;

describe('a planted bug is caught again at its recorded seed', () => {
  it.each(quickOnes)('%s', async (id) => {
    const bug = findPlantedBug(id);
    const [found] = figures.find((figure) => figure.id === id)?.catches ?? [];
    if (bug === undefined || found === undefined || found === null) throw new Error(`${id} has not been measured`);
    const { violation } = await runPlanted(bug, scenarioFor(bug, found.seed));
    expect(violation?.number).toBe(found.number);
  });
});
