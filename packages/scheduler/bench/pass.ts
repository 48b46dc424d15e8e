/**
 * How long one pass takes. Run: `node --conditions=@drover/source packages/scheduler/bench/pass.ts`.
 */
import { type PlanInput, type PlanMemory, createPlanMemory, plan } from '../src/index.ts';
import { makeEntry, makeWorld, type WorldSize } from './pass-world.ts';

/** One measured figure beside what it has to reach. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** At most this. */
  readonly target: number;
  readonly ok: boolean;
}

const base = { instances: 2000, shapes: 1000, types: 50 } as const;

/** Measures everything that has a target; takes a few seconds. */
export function measurePasses(): readonly Figure[] {
  return [
    figure(
      'pass 10,000 x 2,000, nothing fits, first',
      60,
      first({ ...base, waiting: 10_000, pool: 'full', state: 'Locked' }),
    ),
    figure('pass 10,000 x 2,000, nothing fits', 20, again({ ...base, waiting: 10_000, pool: 'full', state: 'Locked' })),
    figure(
      'pass 10,000 x 2,000, at quota',
      20,
      again({ ...base, waiting: 10_000, pool: 'full', state: 'Queued' }, quota),
    ),
    figure(
      'pass 10,000 x 2,000, all placed, first',
      100,
      first({ ...base, waiting: 10_000, pool: 'empty', state: 'Queued' }),
    ),
    figure('pass 10,000 x 2,000, all placed', 60, again({ ...base, waiting: 10_000, pool: 'empty', state: 'Queued' })),
    figure(
      'pass 100,000 x 2,000, nothing fits',
      300,
      again({ ...base, waiting: 100_000, pool: 'full', state: 'Locked' }),
    ),
    figure(
      'pass 100,000 x 2,000, at quota',
      300,
      again({ ...base, waiting: 100_000, pool: 'full', state: 'Queued' }, quota),
    ),
    figure(
      'pass 100,000 x 2,000, placed until full',
      300,
      again({ ...base, waiting: 100_000, pool: 'empty', state: 'Queued' }),
    ),
    figure(
      'pass 100,000 x 2,000, placed until full, first',
      600,
      first({ ...base, waiting: 100_000, pool: 'empty', state: 'Queued' }),
    ),
    figure('one more container at 10,000 x 2,000, nothing fits', 2, arrival('full', same)),
    figure('one more container at 10,000 x 2,000, at quota', 2, arrival('full', quota)),
  ];
}

function figure(name: string, target: number, valueMs: number): Figure {
  const value = Math.round(valueMs * 100) / 100;
  return { name, value, unit: 'ms', target, ok: value <= target };
}

type Change = (input: PlanInput) => PlanInput;
const same: Change = (input) => input;
const quota: Change = (input) => ({
  ...input,
  pool: { ...input.pool, admission: { ...input.pool.admission, atQuota: true } },
});

/** With no caches: the first pass after a start. The code itself is warm. */
function first(size: WorldSize): number {
  const { input } = makeWorld(size);
  return median(5, () => plan(input, createPlanMemory(input.options)));
}

/** Every worker has changed since the last pass, as far as identity tells: nothing about the VMs can be reused. */
function again(size: WorldSize, change: Change = same): number {
  const world = makeWorld(size);
  const input = change(world.input);
  let memory: PlanMemory = plan(input, createPlanMemory(input.options)).memory;
  return median(7, () => {
    const workers = input.pool.workers.map((worker) => ({ ...worker }));
    const started = performance.now();
    memory = unlimited(plan({ ...input, pool: { ...input.pool, workers } }, unlimited(memory)).memory);
    return performance.now() - started;
  });
}

/** One more container, and one VM that changed. */
function arrival(pool: 'full' | 'empty', change: Change): number {
  const { input: made, queue } = makeWorld({ ...base, waiting: 10_000, pool, state: 'Locked' });
  const input = change(made);
  let memory = plan(input, createPlanMemory(input.options)).memory;
  let n = 20_000_000;
  const step = (): number => {
    const workers = input.pool.workers.with(n % base.instances, { ...one(input, n % base.instances) });
    queue.set(makeEntry(n, base.shapes, 'Queued'));
    n += 1;
    const started = performance.now();
    memory = unlimited(plan({ ...input, pool: { ...input.pool, workers } }, memory).memory);
    return performance.now() - started;
  };
  // The code is compiled well only after some tens of passes.
  median(60, step);
  return median(61, step);
}

function one(input: PlanInput, i: number): PlanInput['pool']['workers'][number] {
  const worker = input.pool.workers[i];
  if (worker === undefined) throw new Error(`no worker ${i}`);
  return worker;
}

/** Keeps the dynamic limit out of it: it would cut the work short. */
function unlimited(memory: PlanMemory): PlanMemory {
  return { ...memory, limits: { ...memory.limits, dynamicLimit: 0 } };
}

/** Of `times` runs. A run may measure itself, to leave its preparation out. */
function median(times: number, run: () => unknown): number {
  const durations = Array.from({ length: times }, () => {
    const started = performance.now();
    const own = run();
    return typeof own === 'number' ? own : performance.now() - started;
  });
  return durations.toSorted((a, b) => a - b)[Math.floor(times / 2)] ?? 0;
}

if (import.meta.main) {
  for (const { name, value, unit, target, ok } of measurePasses()) {
    console.log(`${ok ? 'ok  ' : 'SLOW'} ${name}: ${value} ${unit} (at most ${target})`);
  }
}
