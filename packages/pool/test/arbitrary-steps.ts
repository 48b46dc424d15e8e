import {
  CommandTimeoutError,
  type IdleBehavior,
  type InstanceType,
  type LockedContainer,
  type RunnerEvent,
  type RunnerStatus,
  type RunResult,
} from '@drover/spec';
import * as fc from 'fast-check';
import type { Origin, Takeover } from '../src/new-worker.ts';
import { poolOptions } from '../src/pool-options.ts';
import type { Worker } from '../src/worker.ts';
import type { RunnerAnswer, WorkerEvent } from '../src/worker-protocol.ts';

/** One thing that happens: some time later, an event made for the worker as it is then. */
export interface Step {
  readonly waitMs: number;
  readonly make: (worker: Worker) => WorkerEvent;
}

type Make = Step['make'];

interface Key {
  readonly uuid: string;
  readonly generation: number;
}

const type: InstanceType = {
  name: 'small',
  providerType: 'p',
  vcpus: 4,
  ramBytes: 1,
  scratchBytes: 0,
  includedScratchBytes: 0,
  addedScratchBytes: 0,
  pricePerHour: 1,
  preemptible: false,
};
export const options = poolOptions({ instanceSetId: 'set', instanceTypes: [type], maxUses: 40 });
export const instance = {
  id: 'i',
  providerType: 'p',
  lifecycle: 'running',
  address: 'host',
  tags: { ArvadosInstanceType: 'small' },
} as const;
export const fromHere: Origin & Takeover = {
  createdHere: true,
  offeringId: undefined,
  pricePerHour: 1,
  secret: 's',
  epoch: 1,
  decided: undefined,
};

const error = new CommandTimeoutError('late');
const good: RunResult = {
  exitCode: 0,
  oom: false,
  timedOut: false,
  killed: false,
  preempted: false,
  unknown: false,
  startedAtMs: 0,
  finishedAtMs: 1,
  logs: [],
};
const bad: RunResult = { ...good, startError: 'no disk' };
const results = fc.constantFrom<RunResult>(good, bad, bad);
const keys = fc.record({
  uuid: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
  generation: fc.integer({ min: 1, max: 2 }),
});
/** Mostly one of the things that are there; a made-up one when there is none, or now and then. */
const choices = fc.record({ index: fc.nat(9), other: keys });

function choose(from: readonly Key[], { index, other }: { readonly index: number; readonly other: Key }): Key {
  const { uuid, generation } = (index === 9 ? undefined : from[index % Math.max(1, from.length)]) ?? other;
  return { uuid, generation };
}

function locked({ uuid, generation }: Key): LockedContainer {
  const resources = { vcpus: 1, ramBytes: 1, cacheRamBytes: 0, scratchBytes: [], cacheDiskBytes: 0 };
  const scheduling = { priority: 1, preemptible: false, supervisor: false };
  const facts = { state: 'Locked', priority: 1, submittedAtMs: 0, sequence: 1, infrastructureFailures: 0 } as const;
  return {
    entry: { uuid, generation, resources, scheduling, ...facts },
    spec: { command: ['x'], env: {}, resources, scheduling, retry: { attempts: 1, on: [] } },
  };
}

/** Anything that a runner might say. */
const anyStatus: fc.Arbitrary<RunnerStatus> = fc.record({
  sequence: fc.nat(50),
  bootId: fc.constant('boot'),
  containers: fc.uniqueArray(
    fc.tuple(keys, fc.constantFrom('starting', 'running', 'stale', 'finished')).map(([key, state]) => ({
      ...key,
      state,
      ...(state === 'finished' ? { result: good, hash: 'h' } : {}),
    })),
    { selector: (c) => `${c.uuid} ${c.generation}`, maxLength: 4 },
  ),
  draining: fc.boolean(),
  version: fc.constant('1'),
});

/** What a runner says that knows what the pool knows. */
function sameStatus({ runs, uncollected }: Worker): RunnerStatus {
  const live = runs.map(({ uuid, generation }) => ({ uuid, generation, state: 'running' as const }));
  const ended = uncollected.map(({ uuid, generation, hash }) => ({
    uuid,
    generation,
    state: 'finished' as const,
    result: good,
    hash,
  }));
  return { sequence: 1, bootId: 'boot', containers: [...live, ...ended], draining: false, version: '1' };
}

function toAnswer(code: 'ok' | Extract<RunnerAnswer, { ok: false }>['code']): RunnerAnswer {
  return code === 'ok' ? { ok: true } : { ok: false, code, message: code };
}

function sessionOf({ link }: Worker): number {
  return link.kind === 'open' ? link.session : 0;
}

function report(make: (worker: Worker) => RunnerEvent): Make {
  return (w) => ({ type: 'runner-event', session: sessionOf(w), event: make(w) });
}

/** The working day of a VM. */
const common: fc.Arbitrary<Make> = fc.oneof(
  fc.constant<Make>(() => ({ type: 'tick' })),
  fc.constant<Make>((w) => ({ type: 'probe-turn', attempt: w.probeAttempts })),
  fc.constant<Make>((w) => ({
    type: 'probe-ended',
    attempt: w.probeAttempts,
    jitter: 0.5,
    result: { ok: true, bootProbeOk: true, status: sameStatus(w) },
  })),
  keys.map((key): Make => () => ({ type: 'start', container: locked(key) })),
  keys.map((key): Make => () => ({ type: 'start', container: locked(key) })),
  choices.map((choice): Make => (w) => ({ type: 'start-answered', ...choose(w.runs, choice), answer: { ok: true } })),
  choices.map((choice) => report((w) => ({ type: 'started', sequence: 1, startedAtMs: 0, ...choose(w.runs, choice) }))),
  fc
    .tuple(choices, results)
    .map(([choice, result]) =>
      report((w) => ({ type: 'finished', sequence: 1, ...choose(w.runs, choice), result, hash: 'h', logs: [] })),
    ),
  choices.map((choice): Make => (w) => ({ type: 'collected', ...choose(w.uncollected, choice) })),
  fc.tuple(choices, fc.constantFrom('ok', 'ok', 'not-found', 'hash-mismatch')).map(([choice, code]): Make => (w) => ({
    type: 'ack-answered',
    ...choose(w.uncollected, choice),
    answer: toAnswer(code),
  })),
);

/** What goes wrong or is ordered now and then. */
const uncommon: fc.Arbitrary<Make> = fc.oneof(
  fc.tuple(anyStatus, fc.boolean(), fc.boolean()).map(([status, ok, bootProbeOk]): Make => (w) => ({
    type: 'probe-ended',
    attempt: w.probeAttempts,
    jitter: 0,
    result: ok ? { ok, bootProbeOk, status } : { ok, bootProbeOk, error },
  })),
  fc.constant<Make>(() => ({ type: 'verified' })),
  fc.integer({ min: 1, max: 9 }).map((session): Make => () => ({ type: 'attached', session })),
  fc.boolean().map((right): Make => (w) => ({
    type: 'detached',
    session: right ? sessionOf(w) : 99,
    error: undefined,
    jitter: 0.5,
  })),
  fc.boolean().map((congested): Make => (w) => ({ type: 'congestion', session: sessionOf(w), congested })),
  fc.tuple(choices, fc.constantFrom('draining', 'already-finished', 'broken')).map(([choice, code]): Make => (w) => ({
    type: 'start-answered',
    ...choose(w.runs, choice),
    answer: toAnswer(code),
  })),
  choices.map((choice): Make => (w) => ({ type: 'kill', uuid: choose(w.runs, choice).uuid, reason: 'x' })),
  fc.tuple(fc.boolean(), anyStatus).map(([on, status]): Make => () => ({
    type: 'drain-answered',
    on,
    answer: on ? status : { ok: true },
  })),
  fc.constantFrom<IdleBehavior>('run', 'run', 'hold', 'drain').map((behavior): Make => () => ({
    type: 'set-behavior',
    behavior,
    reason: 'op',
  })),
  fc.constant<Make>(() => ({ type: 'shut-down', reason: 'unneeded' })),
  fc.boolean().map((ok): Make => (w) => ({
    type: 'destroy-answered',
    attempt: w.shutdown?.attempt ?? 0,
    error: ok ? undefined : error,
  })),
  fc.boolean().map((ok): Make => () => ({ type: 'tags-answered', tags: ok ? {} : undefined })),
  fc.constantFrom<'pending' | 'running'>('pending', 'running').map((lifecycle): Make => () => ({
    type: 'seen',
    instance: { ...instance, lifecycle },
    tags: true,
  })),
);

/** What ends the story, or nearly. */
const rare: fc.Arbitrary<Make> = fc.constantFrom<Make>(
  () => ({ type: 'gone', evidence: 'not found' }),
  () => ({ type: 'kill-instance', reason: 'op' }),
  () => ({ type: 'identity-mismatch', error }),
  () => ({ type: 'black-hole', reason: 'bad' }),
  () => ({ type: 'seen', instance: { ...instance, lifecycle: 'stopping' }, tags: true }),
  () => ({ type: 'seen', instance: { ...instance, lifecycle: 'terminated' }, tags: true }),
  report(() => ({ type: 'broken', sequence: 1, reason: 'disk' })),
  report(() => ({ type: 'preempted', sequence: 1, detail: 'soon' })),
);

export const steps: fc.Arbitrary<Step> = fc.record({
  waitMs: fc.oneof(
    { weight: 10, arbitrary: fc.constant(0) },
    { weight: 10, arbitrary: fc.nat(2_000) },
    { weight: 1, arbitrary: fc.nat(700_000) },
  ),
  make: fc.oneof(
    { weight: 60, arbitrary: common },
    { weight: 20, arbitrary: uncommon },
    { weight: 1, arbitrary: rare },
  ),
});

/** How most VMs begin: verified, attached, ready. */
export const prefix: readonly Step[] = [
  { waitMs: 0, make: () => ({ type: 'tick' }) },
  { waitMs: 0, make: (w) => ({ type: 'probe-turn', attempt: w.probeAttempts }) },
  { waitMs: 0, make: () => ({ type: 'verified' }) },
  { waitMs: 0, make: () => ({ type: 'attached', session: 1 }) },
  {
    waitMs: 0,
    make: (w) => ({
      type: 'probe-ended',
      attempt: w.probeAttempts,
      jitter: 0,
      result: { ok: true, bootProbeOk: true, status: sameStatus(w) },
    }),
  },
];
