import type { ContainerEvent, ContainerUuid, QueueEntry } from '@drover/spec';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { call, containerSpec, type QueueHarnessMaker, type QueuePorts, runResult, withQueue } from './queue-harness.ts';
import { ModelContainer, type ModelEnd, type ModelStep } from '../queue/queue-model.ts';

/** A step as drawn: `lag` is counted back from the generation that the container has when it is applied. */
interface DrawnStep {
  readonly container: number;
  readonly lag: number;
  readonly step: ModelStep;
  /** Do what leads on, where the step drawn leads nowhere: else few histories would get to the caps. */
  readonly isGuided: boolean;
}

const ends: readonly ModelEnd[] = ['exit-code', 'exit-code', 'exit-code', 'preempted', 'preempted', 'unknown'];
const finalEnds: readonly ModelEnd[] = ['success', 'oom', 'killed'];
const generation = fc.constant(0);
const step: fc.Arbitrary<ModelStep> = fc.oneof(
  { weight: 40, arbitrary: fc.record({ do: fc.constant('lock' as const), generation }) },
  { weight: 15, arbitrary: fc.record({ do: fc.constant('unlock' as const), generation }) },
  { weight: 40, arbitrary: fc.record({ do: fc.constant('started' as const), generation }) },
  {
    weight: 40,
    arbitrary: fc.record({ do: fc.constant('finished' as const), generation, end: fc.constantFrom(...ends) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('finished' as const), generation, end: fc.constantFrom(...finalEnds) }),
  },
  {
    weight: 40,
    arbitrary: fc.record({
      do: fc.constant('lost' as const),
      generation,
      reason: fc.constantFrom('instance-lost' as const, 'preempted' as const, 'preempted' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), generation }) },
  {
    weight: 10,
    arbitrary: fc.record({ do: fc.constant('priority' as const), priority: fc.constantFrom(0, 1, 2, 3, 4, 5, 9) }),
  },
  {
    weight: 15,
    arbitrary: fc.record({
      do: fc.constant('log' as const),
      generation,
      offset: fc.integer({ min: -3, max: 1 }),
      length: fc.integer({ min: 0, max: 3000 }),
    }),
  },
);
const history = fc.array(
  fc.record({
    container: fc.nat({ max: 3 }),
    lag: fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.integer({ min: -1, max: 2 }) }),
    step,
    isGuided: fc.boolean(),
  }),
  { minLength: 100, maxLength: 400, size: 'max' },
);

/** Random histories, with stale, repeated and simultaneous calls, against a model written on its own. */
export function modelCases(make: QueueHarnessMaker, runs: number): void {
  test('any history of calls goes as the model says', { timeout: 120_000 }, async () => {
    const property = fc.asyncProperty(history, (steps) => withQueue(make, (ports) => compare(ports, steps)));
    // The limit is for shrinking a history that fails; all runs together take a second or two.
    const { counterexample, errorInstance } = await fc.check(property, {
      numRuns: runs,
      seed: 1,
      interruptAfterTimeLimit: 20_000,
    });
    expect({ counterexample, errorInstance }).toEqual({ counterexample: null, errorInstance: null });
  });
}

async function compare(ports: QueuePorts, steps: readonly DrawnStep[]): Promise<void> {
  const models = [
    new ModelContainer(5, 1, false),
    new ModelContainer(5, 3, true),
    new ModelContainer(5, 12, false),
    new ModelContainer(0, 2, true),
  ];
  const uuids = await ports.store.submit(
    [
      containerSpec({ scheduling: { priority: 5 } }),
      containerSpec({ scheduling: { priority: 5, preemptible: 'prefer' }, retry: { attempts: 3, on: ['exit-code'] } }),
      containerSpec({ scheduling: { priority: 5 }, retry: { attempts: 12, on: ['exit-code'] } }),
      containerSpec({ scheduling: { priority: 0, preemptible: 'prefer' }, retry: { attempts: 2, on: ['exit-code'] } }),
    ],
    call,
  );
  const mirror = new Mirror(ports);
  await mirror.refresh();
  // Steps on different containers go out together, in one tick; the next on the same one waits for its answer.
  let group: { readonly container: number; readonly done: Promise<void> }[] = [];
  for (const drawn of steps) {
    const { container } = drawn;
    const [model, uuid] = [models[container], uuids[container]];
    if (model === undefined || uuid === undefined) throw new Error('no such container');
    if (group.some((other) => other.container === container)) {
      await Promise.all(group.map(({ done }) => done));
      group = [];
      if (container === 0) await mirror.refresh();
    }
    group.push({ container, done: applyBoth(ports, uuid, model, drawn) });
  }
  await Promise.all(group.map(({ done }) => done));
  await mirror.refresh();
  await expectSame(ports, uuids, models, mirror);
}

async function applyBoth(
  ports: QueuePorts,
  uuid: ContainerUuid,
  model: ModelContainer,
  { lag, step: drawn, isGuided }: DrawnStep,
): Promise<void> {
  const step = isGuided ? guide(drawn, model) : drawn;
  const generation = model.generation - lag;
  const concrete: ModelStep =
    step.do === 'log'
      ? { ...step, generation, offset: Math.max(0, model.logLength(generation) + step.offset) }
      : step.do === 'priority'
        ? step
        : { ...step, generation };
  const expected = model.apply(concrete);
  const [outcome] = await Promise.allSettled([perform(ports, uuid, concrete)]);
  const actual = outcome?.status === 'fulfilled' ? 'ok' : outcome?.reason.code;
  expect({ step: concrete, outcome: actual }).toEqual({ step: concrete, outcome: expected });
}

function guide(step: ModelStep, model: ModelContainer): ModelStep {
  if (model.state === 'Queued') return { do: 'lock', generation: 0 };
  if (model.state === 'Locked' && step.do === 'lock') return { do: 'started', generation: 0 };
  if (model.state === 'Running' && (step.do === 'lock' || step.do === 'unlock' || step.do === 'started'))
    return { do: 'lost', generation: 0, reason: 'runner-lost' };
  return step;
}

async function perform({ queue, store }: QueuePorts, uuid: ContainerUuid, step: ModelStep): Promise<unknown> {
  if (step.do === 'priority') return store.setPriority(uuid, step.priority, 'r', call);
  const { generation } = step;
  switch (step.do) {
    case 'lock':
      return queue.lock(uuid, generation, call);
    case 'unlock':
      return queue.unlock(uuid, generation, 'r', call);
    case 'started': {
      const record = { instanceId: `i-${generation}`, instanceType: 't', pricePerHour: 1, startedAtMs: 1 };
      return queue.started(uuid, generation, record, call);
    }
    case 'finished':
      return queue.finished(uuid, generation, resultFor(step.end), [], call);
    case 'lost':
      return queue.lost(uuid, generation, { reason: step.reason, detail: 'd' }, call);
    case 'cancel':
      return queue.cancel(uuid, generation, 'r', call);
    default: {
      const bytes = Uint8Array.from({ length: step.length }, (_, i) => (step.offset + i) % 251);
      return queue.appendLog(uuid, generation, { stream: 'stdout', offset: step.offset, bytes }, call);
    }
  }
}

function resultFor(end: ModelEnd): ReturnType<typeof runResult> {
  if (end === 'success') return runResult();
  const flags = { oom: end === 'oom', killed: end === 'killed', preempted: end === 'preempted' };
  return runResult({ exitCode: 1, unknown: end === 'unknown', ...flags });
}

/** Keeps itself up to date from what changed alone, as the scheduler does. */
class Mirror {
  readonly entries = new Map<ContainerUuid, QueueEntry>();
  readonly #ports: QueuePorts;
  #cursor: string | undefined;

  constructor(ports: QueuePorts) {
    this.#ports = ports;
  }

  async refresh(): Promise<void> {
    const update = await this.#ports.queue.poll(this.#cursor, call);
    this.#cursor = update.cursor;
    if (update.complete) this.entries.clear();
    for (const entry of update.entries) this.entries.set(entry.uuid, entry);
  }
}

async function expectSame(
  ports: QueuePorts,
  uuids: readonly ContainerUuid[],
  models: readonly ModelContainer[],
  mirror: Mirror,
): Promise<void> {
  const counted = { Queued: 0, Locked: 0, Running: 0, Complete: 0, Cancelled: 0 };
  for (const [i, uuid] of uuids.entries()) {
    const model = models[i];
    if (model === undefined) throw new Error('no such container');
    const { state, generation, priority, onDemandOnly, lossesInARow } = model;
    counted[state] += 1;
    expect(await ports.store.get(uuid, call)).toMatchObject({ state, generation, priority });
    const entry = mirror.entries.get(uuid);
    expect(entry).toMatchObject({ state, generation, priority, infrastructureFailures: lossesInARow });
    expect(entry?.onDemandOnly ?? false).toBe(onDemandOnly);
    for (let g = 1; g <= generation; g += 1) {
      const bytes = await ports.store.readLog(uuid, 'stdout', { offset: 0, maxBytes: 1e6, generation: g }, call);
      expect(bytes.every((byte, at) => byte === at % 251)).toBe(true);
      expect(bytes).toHaveLength(model.logLength(g));
    }
    expectLegal(await ports.store.events(0, { ...call, uuid }), state);
  }
  expect(await ports.store.counts(call)).toEqual(counted);
}

/** One final state at most, generations that only grow, by one, and only by a lock. */
function expectLegal(events: readonly ContainerEvent[], state: string): void {
  expect(events.at(-1)?.state).toBe(state);
  let before = events[0];
  for (const event of events.slice(1)) {
    expect(['Complete', 'Cancelled']).not.toContain(before?.state);
    expect(event.generation).toBe((before?.generation ?? 0) + (event.kind === 'locked' ? 1 : 0));
    before = event;
  }
}
