import { expect, it } from 'vitest';
import { drawScenario } from '../scenario.ts';
import { formatPlan, parsePlan, type Plan } from './plan-file.ts';

const plan: Plan = {
  about: 'A test.',
  breaks: { number: 1, rule: 'a rule', detail: 'a [detail]' },
  plantedBug: 'some-bug',
  scenario: { ...drawScenario(9), onlyContainers: [3, 7], strikes: { 'vm-lost': [2] } },
};

it('reads what it wrote', () => {
  expect(parsePlan(formatPlan(plan), 'a.json')).toEqual(plan);
  const plain = { about: '', scenario: drawScenario(10) };
  expect(parsePlan(formatPlan(plain), 'a.json')).toEqual(plain);
});

it('writes lists on one line, so that a plan can be read', () => {
  expect(formatPlan(plan)).toContain('"onlyContainers": [3, 7]');
  expect(formatPlan(plan).split('\n').length).toBeLessThan(50);
});

it.each([
  [(text: string) => text.slice(0, -5), 'is not JSON'],
  [(text: string) => text.replace('simulation plan', 'cooking plan'), 'format'],
  [(text: string) => text.replace('"version": 1', '"version": 2'), 'version'],
  [(text: string) => text.replace('"containers"', '"container"'), 'container'],
  [(text: string) => text.replace('"small"', '"tiny"'), 'scenario.instanceTypes.0'],
])('refuses a changed file (%#): %s', (change, words) => {
  const read = (): unknown => parsePlan(change(formatPlan(plan)), 'a.json');
  expect(read).toThrow(expect.objectContaining({ code: 'SIMULATION_PLAN_INVALID' }));
  expect(read).toThrow(words);
});
