import type { Attempt, ContainerSpec, RunResult } from '@drover/spec';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Command } from './command.ts';
import { attemptNeeded, decide } from './decide.ts';
import { type ContainerFacts, isFinal, newFacts } from './facts.ts';
import { defaultQueueLimits } from './queue-options.ts';

const spec: ContainerSpec = {
  command: ['true'],
  env: {},
  resources: { vcpus: 1, ramBytes: 1, cacheRamBytes: 0, scratchBytes: [], cacheDiskBytes: 0 },
  scheduling: { priority: 5, preemptible: 'prefer', supervisor: false },
  retry: { attempts: 4, on: ['exit-code', 'oom'] },
};

const result: fc.Arbitrary<RunResult> = fc.record({
  exitCode: fc.constantFrom(0, 1),
  oom: fc.boolean(),
  timedOut: fc.boolean(),
  killed: fc.boolean(),
  preempted: fc.boolean(),
  unknown: fc.boolean(),
  startedAtMs: fc.constant(1),
  finishedAtMs: fc.constant(2),
  logs: fc.constant([]),
});
const generation = fc.nat({ max: 12 });
const reason = fc.constant('r');
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ kind: fc.constant('lock' as const), generation }),
  fc.record({ kind: fc.constant('unlock' as const), generation, reason }),
  fc.record({
    kind: fc.constant('started' as const),
    generation,
    record: fc.constant({ instanceId: 'i-1', instanceType: 't', pricePerHour: 1, startedAtMs: 1 }),
  }),
  fc.record({ kind: fc.constant('finished' as const), generation, result }),
  fc.record({
    kind: fc.constant('lost' as const),
    generation,
    loss: fc.record({ reason: fc.constantFrom('preempted' as const, 'instance-lost' as const), detail: reason }),
  }),
  fc.record({ kind: fc.constant('cancel' as const), generation, reason }),
  fc.record({ kind: fc.constant('priority' as const), priority: fc.constantFrom(0, 1, 2), reason }),
);
/** Mostly with the generation that the container has, so that histories get somewhere. */
const history = fc.array(fc.record({ command, isFitting: fc.boolean() }), { minLength: 30, maxLength: 150 });

interface World {
  facts: ContainerFacts;
  readonly attempts: Map<number, Attempt>;
}

function step(world: World, asked: Command): 'change' | 'repeat' | 'refused' {
  const needed = attemptNeeded(asked);
  const attempt = needed === undefined ? undefined : world.attempts.get(needed);
  const verdict = decide(asked, { facts: world.facts, attempt, atMs: 9, limits: defaultQueueLimits });
  if (verdict.kind === 'change') {
    world.facts = verdict.facts;
    if (verdict.attempt !== undefined) world.attempts.set(verdict.attempt.generation, verdict.attempt);
  }
  return verdict.kind;
}

function fit(asked: Command, facts: ContainerFacts): Command {
  return asked.kind === 'priority' ? asked : { ...asked, generation: facts.generation };
}

test('whatever is asked: final is for ever, generations grow by one at locks, caps hold, a repeat is a repeat', () => {
  const property = fc.property(history, (steps) => {
    const world: World = { facts: newFacts('u', spec), attempts: new Map() };
    for (const { command: drawn, isFitting } of steps) {
      const asked = isFitting ? fit(drawn, world.facts) : drawn;
      const before = world.facts;
      const verdict = step(world, asked);
      const { facts } = world;
      if (isFinal(before.state) && verdict === 'change') return false;
      if (verdict !== 'change' && facts !== before) return false;
      if (facts.generation !== before.generation + (verdict === 'change' && asked.kind === 'lock' ? 1 : 0))
        return false;
      if (facts.startedAttempts > defaultQueueLimits.startedAttempts) return false;
      if (facts.infrastructureFailures > defaultQueueLimits.infrastructureFailures) return false;
      if (facts.userFailures >= spec.retry.attempts) return false;
      if (facts.state === 'Queued' && before.state !== 'Queued' && facts.priority === 0) return false;
      if (verdict === 'change' && asked.kind !== 'priority' && step(world, asked) !== 'repeat') return false;
    }
    return true;
  });
  const { counterexample } = fc.check(property, { numRuns: 500, seed: 1 });
  expect(counterexample).toBeNull();
});

test('a refusal says where the container is', () => {
  const facts = newFacts('abc', spec);
  const verdict = decide(
    { kind: 'unlock', generation: 3, reason: 'r' },
    { facts, attempt: undefined, atMs: 1, limits: defaultQueueLimits },
  );
  expect(verdict).toMatchObject({
    kind: 'refused',
    error: { code: 'QUEUE_LOCK_CONFLICT', message: expect.stringContaining('Queued in generation 0') },
  });
});
