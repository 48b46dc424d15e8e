import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type PlanResult, createPlanMemory, plan } from '../src/index.ts';
import { PlanIndex } from '../src/plan-index.ts';
import { propertyRuns } from './property-runs.ts';
import { type Change, RandomWorld, randomChanges } from './random-world.ts';

const options = fc.record({
  maxContainersPerInstance: fc.constantFrom(0, 0, 2),
  fenced: fc.boolean(),
  countInstancesForLimit: fc.boolean(),
  maxInstances: fc.constantFrom(0, 0, 3, 64),
});

const batches = fc.array(randomChanges, { minLength: 5, maxLength: 40 });

/** What a pass decides, without the caches. */
function decisions({ actions, memory, overQuota, maxSupervisors }: PlanResult): unknown {
  const { index, limits } = memory;
  const codes = index.order.map((record) => [record.uuid, record.code]);
  return { actions, limits, overQuota, maxSupervisors, codes };
}

test('caches change no decision, whatever changes between the passes', () => {
  fc.assert(
    fc.property(options, batches, (options, batches) => {
      const world = new RandomWorld(options);
      let memory = createPlanMemory(world.options);
      for (const changes of batches) {
        for (const change of changes) world.apply(change);
        const cold = plan(world.input(), { ...memory, index: new PlanIndex(world.options) });
        const warm = plan(world.input(), memory);
        expect(decisions(warm)).toEqual(decisions(cold));
        memory = warm.memory;
      }
    }),
    propertyRuns(300),
  );
});

test('a change of the options leads to a fresh index', () => {
  const world = new RandomWorld({});
  const changes: Change[] = ['worker', 'worker', 'submit', 'submit'].map((_, i) => ({
    kind: i < 2 ? 'worker' : 'submit',
    a: 2,
    b: 1,
    c: 1,
  }));
  for (const change of changes) world.apply(change);
  const { memory } = plan(world.input(), createPlanMemory(world.options));
  const input = { ...world.input(), options: { ...world.options, maxContainersPerInstance: 1 } };
  expect(decisions(plan(input, memory))).toEqual(
    decisions(plan(input, { ...memory, index: new PlanIndex(input.options) })),
  );
});
