import { CapacityError, type CallOptions, DroverError, type Instance, QuotaError, RateLimitError } from '@drover/spec';
import { describe, expect, test } from 'vitest';
import type { DriverFault, DriverHarness, DriverWorld } from './driver-harness.ts';
import { call, createRequest, createVms, eventually, listed } from './driver-looks.ts';
import { createVm, everyVerb, openWorld, typedErrorOf } from './driver-steps.ts';

/** What every driver must make of a cloud that fails, as far as its fake can fail. */
export function driverFaults(harness: DriverHarness): void {
  const faults = new Set(harness.faults);
  const faultTest = (fault: DriverFault, title: string, body: (world: DriverWorld) => Promise<void>): void => {
    // Not skipped but absent: a skipped test looks like something to be mended.
    if (!faults.has(fault)) return;
    test(`${fault}: ${title}`, async () => {
      const world = await openWorld(harness);
      expect(world.faults).toHaveProperty(fault);
      await body(world);
    });
  };
  describe('faults', () => {
    describeOutages(harness, faultTest);
    describeRefusals(faultTest);
    describeHalfDone(harness, faultTest);
  });
}

type FaultTest = (fault: DriverFault, title: string, body: (world: DriverWorld) => Promise<void>) => void;

function describeOutages(harness: DriverHarness, faultTest: FaultTest): void {
  faultTest('rate-limit', 'every verb says so', async (world) => {
    const instance = await createVm(world, 'limited');
    await begin(world, 'rate-limit');
    const errors = await errorsOfEveryVerb(world, instance);
    expect(errors.map((error) => error.code)).toEqual(Array.from(errors, () => 'CLOUD_RATE_LIMIT'));
    for (const error of errors)
      if (error instanceof RateLimitError && error.retryAfterMs !== undefined)
        expect(error.retryAfterMs).toBeGreaterThanOrEqual(0);
  });

  faultTest('auth', 'every verb says so', async (world) => {
    const instance = await createVm(world, 'unauthorised');
    await begin(world, 'auth');
    const errors = await errorsOfEveryVerb(world, instance);
    expect(errors.map((error) => error.code)).toEqual(Array.from(errors, () => 'CLOUD_AUTH'));
  });

  faultTest(
    'outage',
    'every verb fails in a way that may pass, and a VM that cannot be seen is not called gone',
    async (world) => {
      const instance = await createVm(world, 'unreachable');
      await begin(world, 'outage');
      const errors = await errorsOfEveryVerb(world, instance);
      expect(errors.map((error) => error.retryable)).toEqual(Array.from(errors, () => true));
      await world.heal?.();
      await listed(harness, world, instance.id);
    },
  );

  faultTest('hang', 'every verb ends with its deadline', async (world) => {
    const instance = await createVm(world, 'hanging');
    await begin(world, 'hang');
    for (const [, verb] of everyVerb(world, instance))
      expect((await typedErrorOf(verb(deadline(50)))).code).toBe('CLOUD_TRANSIENT');
  });

  faultTest('page-fails', 'a listing that is not complete fails', async (world) => {
    await createVms(world, 'pages', 3);
    await begin(world, 'page-fails');
    expect((await typedErrorOf(world.set.list(world.setTags, call()))).retryable).toBe(true);
  });
}

function describeRefusals(faultTest: FaultTest): void {
  faultTest('quota', 'create says so, and works under the same id when there is room again', async (world) => {
    await begin(world, 'quota');
    const error = await typedErrorOf(world.set.create(createRequest(world, 'crowded'), call()));
    expect(error).toBeInstanceOf(QuotaError);
    await world.heal?.();
    await createVm(world, 'crowded');
  });

  faultTest('capacity', 'create says so, with the scope', async (world) => {
    await begin(world, 'capacity');
    const error = await typedErrorOf(world.set.create(createRequest(world, 'sold-out'), call()));
    expect(error).toBeInstanceOf(CapacityError);
    if (error instanceof CapacityError)
      expect(['all', 'quota-group', 'instance-type', 'offering']).toContain(error.scope);
  });
}

function describeHalfDone(harness: DriverHarness, faultTest: FaultTest): void {
  faultTest('partial-batch', 'every VM of the batch has its own answer', async (world) => {
    await begin(world, 'partial-batch');
    const results = await world.set.create(createRequest(world, 'partial', { count: 3 }), call());
    expect(results).toHaveLength(3);
    expect(new Set(results.map((result) => result.ok))).toEqual(new Set([true, false]));
    for (const result of results) if (!result.ok) expect(DroverError.is(result.error)).toBe(true);
  });

  faultTest('create-answer-lost', 'one VM, however often it is asked for', async (world) => {
    await begin(world, 'create-answer-lost');
    // A driver may find out by itself that the VM is there, or fail and be asked again.
    const first = await createVm(world, 'lost').catch((error: unknown) => error);
    await world.heal?.();
    const instance = await createVm(world, 'lost');
    if (first instanceof Error) expect(DroverError.is(first) && first.retryable).toBe(true);
    else expect(first).toMatchObject({ id: instance.id });
    await listed(harness, world, instance.id);
    expect((await world.set.list(world.setTags, call())).instances).toHaveLength(1);
  });

  faultTest('late-launch-failure', 'comes back with a listing', async (world) => {
    await begin(world, 'late-launch-failure');
    const request = createRequest(world, 'stillborn');
    await world.set.create(request, call());
    const withinMs = harness.bootWithinMs ?? 10_000;
    const failure = await eventually(harness, world, { what: 'the launch failure shows', withinMs }, async () =>
      (await world.set.list(world.setTags, call())).launchFailures.find((f) => f.createId === 'stillborn'),
    );
    expect(failure.offeringId).toBe(request.offering.id);
    expect(DroverError.is(failure.error)).toBe(true);
  });
}

async function errorsOfEveryVerb(world: DriverWorld, instance: Instance): Promise<readonly DroverError[]> {
  const errors: DroverError[] = [];
  for (const [, verb] of everyVerb(world, instance)) errors.push(await typedErrorOf(verb(call())));
  return errors;
}

async function begin(world: DriverWorld, fault: DriverFault): Promise<void> {
  const start = world.faults?.[fault];
  if (start === undefined) throw new Error(`the harness promises the fault ${fault}, and its world has none`);
  await start();
}

function deadline(ms: number): CallOptions {
  return { signal: AbortSignal.timeout(ms) };
}
