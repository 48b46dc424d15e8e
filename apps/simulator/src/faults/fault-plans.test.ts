import { cloudFaults, SeededRandom } from '@drover/testkit';
import { expect, it } from 'vitest';
import { drawScenario } from '../scenario.ts';
import { cloudFaultPlan } from './cloud-fault-plan.ts';
import { faultNames } from './fault-names.ts';
import { queueFaultPlan } from './queue-fault-plan.ts';

it('leaves a cloud without faults alone', () => {
  const plan = cloudFaultPlan(drawScenario(1, { faults: [] }));
  const { quota, reuseAddresses, listLagMs, spotKillMeanMs, neverBootsRate } = cloudFaults(plan);
  expect({ quota, reuseAddresses, listLagMs, spotKillMeanMs, neverBootsRate }).toEqual({
    quota: Number.POSITIVE_INFINITY,
    reuseAddresses: false,
    listLagMs: 0,
    spotKillMeanMs: 0,
    neverBootsRate: 0,
  });
  expect(plan.calls?.create?.answerLostRate).toBe(0);
});

it('makes every cloud fault felt', () => {
  const plan = cloudFaultPlan(drawScenario(1, { faults: faultNames, faultIntensity: 1, maxInstances: 8 }));
  expect(plan).toMatchObject({ quota: 6, neverBootsRate: 0.15, reuseAddresses: true, listLagMs: 30_000 });
  expect(plan.calls?.create).toMatchObject({ answerLostRate: 0.15, hangRate: 0.1, throttleRate: 0.1 });
});

it('strikes the queue about as often as it should, until the world heals', () => {
  const scenario = drawScenario(1, { faults: ['queue-busy'], faultIntensity: 1 });
  let on = true;
  const struck: string[] = [];
  const policy = queueFaultPlan(scenario, new SeededRandom(1), {
    isOn: () => on,
    gate: (name) => struck.push(name) > 0,
  });
  for (let i = 0; i < 1000; i += 1) policy('lock', 'c1');
  expect(struck.length).toBeGreaterThan(20);
  expect(struck.length).toBeLessThan(100);
  on = false;
  const before = struck.length;
  for (let i = 0; i < 1000; i += 1) expect(policy('lock', 'c1')).toBeUndefined();
  expect(struck.length).toBe(before);
});
