import { expect, it } from 'vitest';
import { drawScenario } from './scenario.ts';

it('draws the same scenario from the same seed, and another from another', () => {
  expect(drawScenario(7)).toEqual(drawScenario(7));
  expect(drawScenario(7)).not.toEqual(drawScenario(8));
});

it('lets parts be replaced without moving the rest', () => {
  const { faults, ...rest } = drawScenario(7);
  const { faults: none, ...restOfOther } = drawScenario(7, { faults: [] });
  expect(none).toEqual([]);
  expect(faults).not.toEqual([]);
  expect(restOfOther).toEqual(rest);
});

it('sometimes has no faults, and sometimes many', () => {
  const counts = Array.from({ length: 100 }, (_, seed) => drawScenario(seed).faults.length);
  expect(counts).toContain(0);
  expect(Math.max(...counts)).toBeGreaterThan(12);
});
