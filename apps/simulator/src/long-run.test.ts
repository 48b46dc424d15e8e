import { expect, it } from 'vitest';
import { describeLongRun, longRun } from './long-run.ts';

it('adds up what several seeds have seen', async () => {
  const broken: string[] = [];
  const report = await longRun({
    firstSeed: 7,
    isOver: (seeds) => seeds === 3,
    onBroken: (line) => broken.push(line),
  });
  expect(broken).toEqual([]);
  expect(report).toMatchObject({ firstSeed: 7, seeds: 3, brokenSeeds: [] });
  expect(report.events).toBeGreaterThan(report.steps);
  expect(report.neverHappened).not.toContain('event pass');
  expect(describeLongRun(report)).toContain('3 seeds from 7 to 9, 0 broken');
});
