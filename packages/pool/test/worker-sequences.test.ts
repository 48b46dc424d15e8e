import type { WorkerState } from '@drover/spec';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { newWorker } from '../src/new-worker.ts';
import { isStartable, type Worker } from '../src/worker.ts';
import { nextDeadlineMs } from '../src/worker-deadline.ts';
import type { Transition, WorkerEvent } from '../src/worker-protocol.ts';
import { transition } from '../src/worker-transition.ts';
import { fromHere, instance, options, prefix, type Step, steps } from './arbitrary-steps.ts';

const legal: Readonly<Record<WorkerState, readonly WorkerState[]>> = {
  unknown: ['unknown', 'idle', 'running', 'shutdown'],
  booting: ['booting', 'idle', 'running', 'shutdown'],
  idle: ['idle', 'running', 'shutdown'],
  running: ['running', 'idle', 'shutdown'],
  shutdown: ['shutdown'],
};

/** What is wrong with a transition, in words. */
function violations(before: Worker, event: WorkerEvent, next: Transition, nowMs: number): readonly string[] {
  const { worker, effects, events } = next;
  const rules: readonly (readonly [string, boolean])[] = [
    [`${before.state} → ${worker.state}`, legal[before.state].includes(worker.state)],
    ['the revision fell', worker.revision >= before.revision],
    ['idle with runs', worker.state !== 'idle' || worker.runs.length === 0],
    ['running without runs', worker.state !== 'running' || worker.runs.length > 0],
    ['ready without having been', !isWorking(worker) || worker.readyAtMs !== undefined],
    ['started on a VM that may not', !effects.some((e) => e.kind === 'send-start') || maySend(before)],
    ['a second boot outcome', before.outcome === undefined || events.every((e) => e.type !== 'boot-outcome')],
    ['spoke to a wrong host', worker.identity !== 'mismatch' || effects.every((e) => e.kind !== 'run-probe')],
    ['a deadline that is over', nextDeadlineMs(worker, nowMs, options) > nowMs],
    ['contents without a VM', !worker.gone || worker.runs.length + worker.uncollected.length === 0],
    ['a run ended wrongly', runsAccountedFor(before, worker, effects)],
  ];
  const broken = rules.filter(([, holds]) => !holds).map(([rule]) => `${event.type}: ${rule}`);
  const destroys = effects.some((effect) => effect.kind === 'destroy') && event.type !== 'kill-instance';
  return destroys ? [...broken, ...wrongDestroy(before, worker)] : broken;
}

function isWorking({ state }: Worker): boolean {
  return state === 'idle' || state === 'running';
}

function maySend(worker: Worker): boolean {
  return isStartable(worker) && isWorking(worker) && worker.idleBehavior === 'run' && worker.identity === 'verified';
}

function wrongDestroy(before: Worker, { shutdown, uncollected, runs, fence, idleBehavior }: Worker): readonly string[] {
  // Hold outranks everything but an operator's kill; a VM that is given up cannot be put on hold any more.
  const held = before.shutdown === undefined && idleBehavior === 'hold';
  const forced = shutdown?.forced === true;
  const fenced = fence === 'done' || before.link.kind === 'closed';
  const rules: readonly (readonly [string, boolean])[] = [
    ['destroyed on hold', !held],
    ['destroyed with a result', forced || uncollected.every((kept) => kept.collected)],
    ['destroyed with a live run', forced || runs.every((run) => run.stale || run.kill?.givenUp === true)],
    ['destroyed without a fence', forced || fenced],
  ];
  return rules.filter(([, holds]) => !holds).map(([rule]) => rule);
}

/** A run that is not there any more ended once, with a result or with a reason; nothing ends twice. */
function runsAccountedFor(before: Worker, worker: Worker, effects: Transition['effects']): boolean {
  const keyOf = (run: { readonly uuid: string; readonly generation: number }) => `${run.uuid} ${run.generation}`;
  const ended = effects.flatMap((e) => (e.kind === 'finished' || e.kind === 'exited' ? [keyOf(e.run)] : []));
  const left = new Set(worker.runs.map(keyOf));
  return (
    new Set(ended).size === ended.length &&
    before.runs.every((run) => ended.includes(keyOf(run)) !== left.has(keyOf(run)))
  );
}

test.each([
  { name: 'created here', createdHere: true, start: [] },
  { name: 'found in the cloud', createdHere: false, start: [] },
  { name: 'ready', createdHere: true, start: prefix },
])('no sequence of events leads a VM that is $name into an illegal state', ({ createdHere, start }) => {
  const found = (tail: readonly Step[]): readonly string[] => {
    let nowMs = 1_000;
    const origin = { ...fromHere, createdHere };
    let worker = newWorker(instance, origin, { ms: nowMs, wallMs: nowMs }, options);
    const wrong: string[] = [];
    for (const step of [...start, ...tail]) {
      nowMs += step.waitMs;
      const event = step.make(worker);
      const next = transition(worker, event, { ms: nowMs, wallMs: nowMs }, options);
      wrong.push(...violations(worker, event, next, nowMs));
      worker = next.worker;
    }
    return wrong;
  };
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 80, size: 'max' }), (tail) => {
      expect(found(tail)).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

test('the sequences reach every effect', () => {
  const reached = new Set<string>();
  for (const tail of fc.sample(fc.array(steps, { maxLength: 80, size: 'max' }), { numRuns: 400, seed: 7 })) {
    let nowMs = 1_000;
    let worker = newWorker(instance, fromHere, { ms: nowMs, wallMs: nowMs }, options);
    for (const step of [...prefix, ...tail]) {
      nowMs += step.waitMs;
      const next = transition(worker, step.make(worker), { ms: nowMs, wallMs: nowMs }, options);
      for (const effect of next.effects) reached.add(effect.kind);
      worker = next.worker;
    }
  }
  expect([...reached].toSorted()).toEqual(
    [
      'destroy',
      'disconnect',
      'exited',
      'finished',
      'good-run',
      'queue-probe',
      'record-behavior',
      'run-probe',
      'send-ack',
      'send-drain',
      'send-kill',
      'send-leases',
      'send-start',
      'set-tags',
      'suspect',
    ].toSorted(),
  );
});

test('the same event on the same worker gives the same again', () => {
  fc.assert(
    fc.property(steps, (step) => {
      const now = { ms: 5, wallMs: 5 };
      const worker = newWorker(instance, fromHere, now, options);
      const event = step.make(worker);
      expect(transition(worker, event, now, options)).toEqual(transition(worker, event, now, options));
    }),
  );
});
