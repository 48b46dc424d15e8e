import {
  type CallOptions,
  type CreateRequest,
  type CreateResult,
  DroverError,
  type Instance,
  type InstanceSet,
  type Tags,
} from '@drover/spec';
import { expect, onTestFinished } from 'vitest';
import type { DriverHarness, DriverWorld } from './driver-harness.ts';

/** Longer than any call may take; only there so that a suite ends. */
const callDeadlineMs = 60_000;

/** Options of a call with a deadline. */
export function call(): CallOptions {
  return { signal: AbortSignal.timeout(callDeadlineMs) };
}

/** A world that is disposed of after the test. */
export async function openWorld(harness: DriverHarness): Promise<DriverWorld> {
  const world = await harness.open();
  onTestFinished(() => world.dispose());
  return world;
}

/** A request for `count` VMs of the first offering, each with the set's tags and a number of its own. */
export function createRequest(
  world: DriverWorld,
  createId: string,
  options: { readonly count?: number; readonly set?: InstanceSet; readonly setTags?: Tags } = {},
): CreateRequest {
  const { count = 1, set = world.set, setTags = world.setTags } = options;
  const [offering] = set.offerings(world.instanceType);
  if (offering === undefined) throw new Error('the instance type has no offering');
  return {
    createId,
    count,
    instanceType: world.instanceType,
    offering,
    imageId: world.imageId,
    tags: Array.from({ length: count }, (_, index) => ({ ...setTags, 'conformance-number': `${index}` })),
    initCommands: Array.from({ length: count }, () => 'true'),
    authorizedKey: world.authorizedKey,
  };
}

/** The VMs of results that must all be good. */
export function created(results: readonly CreateResult[]): readonly Instance[] {
  return results.map((result) => {
    if (!result.ok) throw result.error;
    return result.instance;
  });
}

/** Creates and gives the VMs. */
export async function createVms(world: DriverWorld, createId: string, count = 1): Promise<readonly Instance[]> {
  return created(await world.set.create(createRequest(world, createId, { count }), call()));
}

/** The one VM that is asked for. */
export async function createVm(world: DriverWorld, createId: string): Promise<Instance> {
  const [instance] = await createVms(world, createId);
  if (instance === undefined) throw new Error('create resolved without a result');
  return instance;
}

/** Looks until there is something to see, letting time pass; fails with the last look when there never is. */
export async function eventually<T>(
  harness: DriverHarness,
  world: DriverWorld,
  options: { readonly what: string; readonly withinMs: number },
  look: () => Promise<T | undefined>,
): Promise<T> {
  const stepMs = harness.lookEveryMs ?? 20;
  for (let passedMs = 0; passedMs <= options.withinMs; passedMs += stepMs) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await world.pass(stepMs);
  }
  throw new Error(`${options.what}: not within ${options.withinMs} ms`);
}

/** The VM once a listing shows it, when it looks as wanted. */
export function listed(
  harness: DriverHarness,
  world: DriverWorld,
  id: string,
  wanted: (instance: Instance) => boolean = () => true,
): Promise<Instance> {
  return eventually(
    harness,
    world,
    { what: `a listing shows ${id} as wanted`, withinMs: harness.bootWithinMs ?? 10_000 },
    async () => (await world.set.list(world.setTags, call())).instances.find((i) => i.id === id && wanted(i)),
  );
}

/** Resolves when the cloud says for certain that nothing runs on the VM any more. */
export async function goneFor(harness: DriverHarness, world: DriverWorld, id: string): Promise<void> {
  await eventually(harness, world, { what: `${id} is gone`, withinMs: harness.goneWithinMs ?? 10_000 }, async () => {
    const seen = await world.set.describe(id, call());
    return seen === 'gone' || seen.lifecycle === 'terminated' ? true : undefined;
  });
}

/** What a call that must fail fails with: one of spec's classes, or this fails. */
export async function typedErrorOf(promise: Promise<unknown>): Promise<DroverError> {
  const caught: unknown = await promise.then(
    (value) => new Error(`it was to fail, and gave ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
  expect(DroverError.is(caught), `a class of spec's errors, not ${String(caught)}`).toBe(true);
  if (!DroverError.is(caught)) throw caught;
  return caught;
}

/** Every call that reaches the cloud, on this VM. */
export function everyVerb(
  world: DriverWorld,
  instance: Instance,
): readonly (readonly [string, (options: CallOptions) => Promise<unknown>])[] {
  const { set } = world;
  return [
    ['create', (options) => set.create(createRequest(world, 'every-verb'), options)],
    ['list', (options) => set.list(world.setTags, options)],
    ['describe', (options) => set.describe(instance.id, options)],
    ['setTags', (options) => set.setTags(instance, { a: 'b' }, options)],
    ['destroy', (options) => set.destroy(instance, options)],
  ];
}
