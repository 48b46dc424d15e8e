import type { CallOptions, CreateRequest, CreateResult, Instance, InstanceSet, Tags } from '@drover/spec';
import type { DriverTiming, LiveDriverWorld } from './driver-harness.ts';

/** Longer than any call may take; only there so that a suite ends. */
const callDeadlineMs = 60_000;

/** Options of a call with a deadline. */
export function call(): CallOptions {
  return { signal: AbortSignal.timeout(callDeadlineMs) };
}

/** A request for `count` VMs of the first offering, each with the set's tags and a number of its own. */
export function createRequest(
  world: LiveDriverWorld,
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
export async function createVms(world: LiveDriverWorld, createId: string, count = 1): Promise<readonly Instance[]> {
  return created(await world.set.create(createRequest(world, createId, { count }), call()));
}

/** Looks until there is something to see, letting time pass; fails with the last look when there never is. */
export async function eventually<T>(
  timing: DriverTiming,
  world: Pick<LiveDriverWorld, 'pass'>,
  options: { readonly what: string; readonly withinMs: number },
  look: () => Promise<T | undefined>,
): Promise<T> {
  const stepMs = timing.lookEveryMs ?? 20;
  for (let passedMs = 0; passedMs <= options.withinMs; passedMs += stepMs) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await world.pass(stepMs);
  }
  throw new Error(`${options.what}: not within ${options.withinMs} ms`);
}

/** The VM once a listing shows it, when it looks as wanted. */
export function listed(
  timing: DriverTiming,
  world: LiveDriverWorld,
  id: string,
  wanted: (instance: Instance) => boolean = () => true,
): Promise<Instance> {
  return eventually(
    timing,
    world,
    { what: `a listing shows ${id} as wanted`, withinMs: timing.bootWithinMs ?? 10_000 },
    async () => (await world.set.list(world.setTags, call())).instances.find((i) => i.id === id && wanted(i)),
  );
}

/** Resolves when the cloud says for certain that nothing runs on the VM any more. */
export async function goneFor(timing: DriverTiming, world: LiveDriverWorld, id: string): Promise<void> {
  await eventually(timing, world, { what: `${id} is gone`, withinMs: timing.goneWithinMs ?? 10_000 }, async () => {
    const seen = await world.set.describe(id, call());
    return seen === 'gone' || seen.lifecycle === 'terminated' ? true : undefined;
  });
}
