import { type CallOptions, DroverError, type Instance } from '@drover/spec';
import { expect, onTestFinished } from 'vitest';
import type { DriverHarness, DriverWorld } from './driver-harness.ts';
import { createRequest, createVms } from './driver-looks.ts';

/** A world that is disposed of after the test. */
export async function openWorld(harness: DriverHarness): Promise<DriverWorld> {
  const world = await harness.open();
  onTestFinished(() => world.dispose());
  return world;
}

/** The one VM that is asked for. */
export async function createVm(world: DriverWorld, createId: string): Promise<Instance> {
  const [instance] = await createVms(world, createId);
  if (instance === undefined) throw new Error('create resolved without a result');
  return instance;
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
