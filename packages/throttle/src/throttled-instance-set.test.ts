import {
  AuthError,
  type DispatchEvent,
  type Instance,
  type InstanceSet,
  RateLimitError,
  TransientCloudError,
} from '@drover/spec';
import { settle, SimulatedClock } from '@drover/testkit';
import { describe, expect, test } from 'vitest';
import { CreateGates } from './create-gates.ts';
import { throttled } from './throttled-instance-set.ts';
import { defaultThrottleOptions, type ThrottleOptions } from './throttle-options.ts';

const instance: Instance = { id: 'i', providerType: 'p', lifecycle: 'running', tags: {}, address: '' };

/** A set whose `destroy` answers with what the test put in `answers`; everything else is not called. */
function setUp(options: Partial<ThrottleOptions> = {}, extra: Partial<InstanceSet> = {}) {
  const clock = new SimulatedClock();
  const calls: { verb: string; atMs: number }[] = [];
  const answers: (Error | 'hang' | undefined)[] = [];
  const answer = async (verb: string): Promise<void> => {
    calls.push({ verb, atMs: clock.monotonicMs() });
    const next = answers.shift();
    if (next === 'hang') return new Promise<void>(() => undefined);
    if (next !== undefined) throw next;
  };
  const naive: InstanceSet = {
    offerings: () => [],
    create: async () => {
      await answer('create');
      return [];
    },
    list: async () => {
      await answer('list');
      return { instances: [], launchFailures: [] };
    },
    describe: async () => {
      await answer('describe');
      return 'gone';
    },
    destroy: () => answer('destroy'),
    setTags: () => answer('setTags'),
    close: async () => undefined,
    ...extra,
  };
  const events: DispatchEvent[] = [];
  let wakes = 0;
  const set = throttled(naive, {
    clock,
    observe: (event) => events.push(event),
    options: { ...defaultThrottleOptions, ...options },
    onWake: () => {
      wakes += 1;
    },
  });
  return { clock, calls, answers, events, set, wakes: () => wakes, signal: new AbortController().signal };
}

describe('throttled', () => {
  test('destroy and setTags wait for their hold, other verbs do not, and the end of it wakes', async () => {
    const t = setUp();
    t.answers.push(new RateLimitError('slow', { retryAfterMs: 7_000 }));
    await expect(t.set.destroy(instance, t)).rejects.toThrow('slow');
    const second = t.set.destroy(instance, t);
    await t.set.setTags(instance, {}, t);
    await t.clock.advance(6_999);
    expect(t.calls.map((c) => c.verb)).toEqual(['destroy', 'setTags']);
    expect(t.wakes()).toBe(0);
    await t.clock.advance(1);
    await second;
    expect(t.calls.at(-1)).toEqual({ verb: 'destroy', atMs: 7_000 });
    expect(t.wakes()).toBe(1);
    expect(t.set.heldForMs('Destroy')).toBe(0);
  });

  test('create does not wait for a hold', async () => {
    const t = setUp();
    t.answers.push(new RateLimitError('slow'));
    const request = {
      createId: 'c',
      count: 1,
      instanceType: {
        name: 'a',
        providerType: 'a',
        vcpus: 1,
        ramBytes: 1,
        scratchBytes: 0,
        includedScratchBytes: 0,
        addedScratchBytes: 0,
        pricePerHour: 1,
        preemptible: false,
      },
      offering: { id: 'o', instanceType: 'a', zone: 'z', preemptible: false, pricePerHour: 1 },
      imageId: '',
      tags: [{}],
      initCommands: [''],
      authorizedKey: '',
    };
    await expect(t.set.create(request, t)).rejects.toThrow('slow');
    await expect(t.set.create(request, t)).rejects.toMatchObject({ code: 'CLOUD_RATE_LIMIT', retryAfterMs: 1_000 });
    expect(t.calls).toHaveLength(1);
  });

  test.each([
    { name: 'success', answer: undefined },
    { name: 'an untyped error', answer: new Error('boom') },
  ])('$name resets the back-off', async ({ answer }) => {
    const t = setUp();
    t.answers.push(new RateLimitError('1'), new RateLimitError('2'), answer, new RateLimitError('3'));
    const holds: number[] = [];
    for (let i = 0; i < 4; i += 1) {
      await t.set.destroy(instance, t).catch(() => undefined);
      holds.push(t.set.heldForMs('Destroy'));
      await t.clock.advance(t.set.heldForMs('Destroy'));
    }
    expect(holds).toEqual([1_000, 2_500, 0, 1_000]);
  });

  test('all calls together keep to the rate', async () => {
    const t = setUp({ maxCloudOpsPerSecond: 2 });
    const all = [t.set.destroy(instance, t), t.set.setTags(instance, {}, t), t.set.describe('i', t), t.set.list({}, t)];
    await t.clock.advance(2_000);
    await Promise.all(all);
    expect(t.calls.map((c) => c.atMs)).toEqual([0, 0, 500, 1_000]);
    expect(
      t.calls.map((c) => c.verb),
      'what everything waits for goes first',
    ).toEqual(['destroy', 'setTags', 'list', 'describe']);
  });

  test('a verb with a rate of its own keeps to that too, and holds up no other', async () => {
    const t = setUp({}, { callRates: () => ({ Destroy: { burst: 2, perSecond: 1 } }) });
    const all = Array.from({ length: 4 }, () => t.set.destroy(instance, t));
    all.push(t.set.setTags(instance, {}, t));
    await t.clock.advance(2_000);
    await Promise.all(all);
    expect(t.calls.map((c) => `${c.verb} ${c.atMs}`).toSorted()).toEqual([
      'destroy 0',
      'destroy 0',
      'destroy 1000',
      'destroy 2000',
      'setTags 0',
    ]);
    expect(t.set.callRates?.()).toEqual({ Destroy: { burst: 2, perSecond: 1 } });
  });

  test('a call that hangs ends at its deadline with an unknown outcome', async () => {
    const t = setUp();
    t.answers.push('hang');
    const call = t.set.destroy(instance, t).catch((error: unknown) => error);
    await t.clock.advance(60_000);
    expect(await call).toBeInstanceOf(TransientCloudError);
    expect(t.events).toMatchObject([{ type: 'cloud-call', operation: 'Destroy', durationMs: 60_000 }]);
  });

  test('an aborted caller stops waiting and never reaches the cloud', async () => {
    const t = setUp();
    t.answers.push(new RateLimitError('slow', { retryAfterMs: 5_000 }));
    await t.set.destroy(instance, t).catch(() => undefined);
    const abort = new AbortController();
    const waiting = t.set.destroy(instance, abort).catch((error: unknown) => error);
    await settle();
    abort.abort(new Error('enough'));
    expect(await waiting).toMatchObject({ message: 'enough' });
    await t.clock.advance(10_000);
    expect(t.calls).toHaveLength(1);
  });

  test('every call is reported, with its error', async () => {
    const t = setUp();
    const error = new AuthError('no');
    t.answers.push(error);
    await t.set.describe('i', t).catch(() => undefined);
    await t.set.describe('i', t);
    expect(t.events).toEqual([
      { type: 'cloud-call', operation: 'Describe', durationMs: 0, error },
      { type: 'cloud-call', operation: 'Describe', durationMs: 0 },
    ]);
  });

  test('a call that its caller gives up is no failure of the cloud', async () => {
    const t = setUp();
    t.answers.push('hang');
    const abort = new AbortController();
    const call = t.set.destroy(instance, abort).catch((error: unknown) => error);
    await settle();
    abort.abort(new Error('The pool is stopped.'));
    expect(await call).toMatchObject({ message: 'The pool is stopped.' });
    expect(t.events).toEqual([]);
  });

  test('optional capabilities stay absent', () => {
    const t = setUp();
    expect('hostKeys' in t.set).toBe(false);
    expect('quotaGroup' in t.set).toBe(false);
    expect('callRates' in t.set).toBe(false);
  });
});

test('gates wake when a quota or capacity period ends', async () => {
  const clock = new SimulatedClock();
  const wakes: number[] = [];
  const gates = new CreateGates({
    clock,
    options: defaultThrottleOptions,
    onWake: () => wakes.push(clock.monotonicMs()),
  });
  gates.quotaReached(0);
  expect(gates.atQuota()).toBe(true);
  await clock.advance(60_000);
  expect([gates.atQuota(), wakes]).toEqual([false, [60_000]]);
  gates.quotaReached(3);
  expect([gates.listed(3), gates.listed(2)]).toEqual([false, true]);
});
