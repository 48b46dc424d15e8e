import {
  type CallOptions,
  type CreateRequest,
  type CreateResult,
  DroverError,
  type Instance,
  InvalidRequestError,
  TransientCloudError,
} from '@drover/spec';
import type { GceCalls } from './gce-calls.ts';
import { type InstancePlan, planInstance, requestIdOf } from './instance-resource.ts';
import type { LaunchFailures } from './launch-failures.ts';
import { isAlreadyThere, isMissingInstance } from './map-error.ts';
import { instanceId, type GceInstance, metadataOf, ownMetadata } from './map-instance.ts';
import { failureOf, type GceOperation, isDone } from './operations.ts';

/** An insert that is answered with an operation that had failed before is tried anew this often. */
const maxReplays = 3;

/** What creating needs. */
export interface CreateContext {
  readonly calls: GceCalls;
  readonly failures: LaunchFailures;
  /** A create of one VM has ended, for the metrics. */
  readonly onStart: (zone: string, success: boolean) => void;
  /** Ends with the set; what follows launches in the background listens to it. */
  readonly closing: AbortSignal;
}

/**
 * As `InstanceSet.create`. One insert per VM, several at a time, and not bulkInsert: that gives all its VMs the same labels and
 * metadata, and each of ours needs its own secret and init command from the first moment on.
 */
export async function createInstances(
  request: CreateRequest,
  options: CallOptions,
  context: CreateContext,
): Promise<readonly CreateResult[]> {
  checkRequest(request);
  const { params, instanceSetId, timings } = context.calls;
  const plans = Array.from({ length: request.count }, (_, index) =>
    planInstance(request, index, { params, instanceSetId }),
  );
  const results = await mapBounded(plans, timings.parallelInserts, (plan) =>
    createOne(plan, request, options, context),
  );
  const doubtful = results.find((result) => !result.ok && isInDoubt(result.error));
  // The same call again finds out what became of it, and makes nothing twice.
  if (doubtful?.ok === false) throw doubtful.error;
  const [first] = results;
  if (first?.ok === false && results.every((result) => !result.ok)) throw first.error;
  return results;
}

async function createOne(
  plan: InstancePlan,
  request: CreateRequest,
  options: CallOptions,
  context: CreateContext,
): Promise<CreateResult> {
  try {
    const instance = await make(plan, request, options, context);
    context.onStart(plan.zone, true);
    return { ok: true, instance };
  } catch (thrown) {
    options.signal.throwIfAborted();
    const error = context.calls.mapError(thrown, `create ${plan.name} in ${plan.zone}`);
    if (!isInDoubt(error)) context.onStart(plan.zone, false);
    return { ok: false, error };
  }
}

async function make(
  plan: InstancePlan,
  request: CreateRequest,
  { signal }: CallOptions,
  context: CreateContext,
): Promise<Instance> {
  const { calls } = context;
  for (let replay = 0; ; replay += 1) {
    let begun: GceOperation;
    try {
      begun = await calls.insert(plan, requestIdOf(`${plan.createMark} ${replay}`), { signal });
    } catch (error) {
      if (isAlreadyThere(error)) return adopt(plan, { signal }, context);
      throw error;
    }
    // Google answers a repeated request with the operation of the first; one that has failed long since says nothing about now.
    if (failureOf(begun) !== undefined && replay < maxReplays) continue;
    const operation = await waitFor(begun, plan, { signal }, context);
    const failure = failureOf(operation);
    if (failure !== undefined) {
      if (isAlreadyThere(failure)) return adopt(plan, { signal }, context);
      await removeRest(plan, { signal }, context);
      throw failure;
    }
    if (isDone(operation)) return (await lookUp(plan, { signal }, context)) ?? pendingInstance(plan, request);
    return unfinished(plan, request, operation, { signal }, context);
  }
}

/** A create that may not be followed must not go on: its VM would be made, and nobody would know. */
async function waitFor(
  operation: GceOperation,
  plan: InstancePlan,
  { signal }: CallOptions,
  context: CreateContext,
): Promise<GceOperation> {
  const { calls } = context;
  try {
    return await calls.wait(operation, plan.zone, { signal, withinMs: calls.timings.createWaitMs });
  } catch (error) {
    signal.throwIfAborted();
    await removeRest(plan, { signal }, context);
    throw error;
  }
}

/** Time is up, and the cloud is still at it. A VM that can be seen is followed in the background; else nobody knows. */
async function unfinished(
  plan: InstancePlan,
  request: CreateRequest,
  operation: GceOperation,
  options: CallOptions,
  context: CreateContext,
): Promise<Instance> {
  const { calls, failures, closing } = context;
  const seen = await lookUp(plan, options, context);
  if (seen === undefined)
    throw new TransientCloudError(
      `gce: ${plan.name} was accepted in ${plan.zone}, and operation ${operation.name} has not ended`,
    );
  const follow = async (): Promise<void> => {
    const ended = await calls.wait(operation, plan.zone, { signal: closing, withinMs: calls.timings.followMs });
    const failure = failureOf(ended);
    if (failure === undefined) return;
    failures.add({
      createId: request.createId,
      offeringId: request.offering.id,
      instanceId: instanceId(plan.zone, plan.name),
      error: calls.mapError(failure, `create ${plan.name} in ${plan.zone}`),
    });
    context.onStart(plan.zone, false);
    await removeRest(plan, { signal: closing }, context);
  };
  // Closing ends it early, and missing permissions, which the next create tells of.
  void follow().catch(() => undefined);
  return seen;
}

/** Takes a VM of that name for ours only if it says so itself. */
async function adopt(plan: InstancePlan, options: CallOptions, { calls }: CreateContext): Promise<Instance> {
  const found = await seeTaken(plan, options, calls);
  if (isMadeBy(plan, found)) return calls.toInstance(found);
  throw new InvalidRequestError(
    `gce: ${plan.zone} has an instance ${plan.name} already, and this create has not made it with these parameters`,
    { fix: 'remove it, or choose another driver.namePrefix' },
  );
}

/** The name is taken, so the VM is there: whatever keeps us from seeing it is no refusal of the create. */
async function seeTaken({ zone, name }: InstancePlan, options: CallOptions, calls: GceCalls): Promise<GceInstance> {
  try {
    return await calls.get(zone, name, options);
  } catch (cause) {
    throw new TransientCloudError(`gce: ${name} is there already in ${zone}, and cannot be looked at`, { cause });
  }
}

function isMadeBy({ createMark, resource }: InstancePlan, found: GceInstance): boolean {
  const sameType =
    found.machineType?.endsWith(resource.machineType.slice(resource.machineType.lastIndexOf('/'))) ?? false;
  return sameType && metadataOf(found, ownMetadata.create) === createMark;
}

/** Undefined when it cannot be seen, for whatever reason: what is known stays as it is. */
async function lookUp(
  plan: InstancePlan,
  options: CallOptions,
  { calls }: CreateContext,
): Promise<Instance | undefined> {
  try {
    return calls.toInstance(await calls.get(plan.zone, plan.name, options));
  } catch {
    options.signal.throwIfAborted();
    return undefined;
  }
}

/** A failed create may leave an instance that never ran; it must be gone before another zone is tried. */
async function removeRest(plan: InstancePlan, options: CallOptions, { calls }: CreateContext): Promise<void> {
  try {
    await calls.delete(plan.zone, plan.name, options);
  } catch (error) {
    options.signal.throwIfAborted();
    // What is left carries our tags: the next listing shows it, and the pool sees to it.
    if (!isMissingInstance(error)) return;
  }
}

/** The VM exists, and has not been seen yet. */
function pendingInstance(plan: InstancePlan, request: CreateRequest): Instance {
  const place = Number(plan.createMark.slice(plan.createMark.lastIndexOf('/') + 1));
  return {
    id: instanceId(plan.zone, plan.name),
    providerType: request.instanceType.providerType,
    lifecycle: 'pending',
    tags: request.tags[place] ?? {},
    address: '',
    zone: plan.zone,
  };
}

function isInDoubt(error: Error): boolean {
  return !DroverError.is(error) || error.code === 'CLOUD_TRANSIENT';
}

function checkRequest({ count, tags, initCommands, imageId }: CreateRequest): void {
  if (!Number.isInteger(count) || count < 1) throw new InvalidRequestError(`gce: cannot create ${count} VMs`);
  if (tags.length !== count || initCommands.length !== count)
    throw new InvalidRequestError(`gce: ${count} VMs need as many sets of tags and init commands`);
  if (imageId === '')
    throw new InvalidRequestError('gce: there is no image to boot from', {
      fix: 'set pool.imageId, for example to projects/debian-cloud/global/images/family/debian-12',
    });
}

/** Like `map`, with so many at work at once. */
async function mapBounded<In, Out>(
  items: readonly In[],
  atOnce: number,
  work: (item: In) => Promise<Out>,
): Promise<readonly Out[]> {
  const results = new Map<number, Out>();
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results.set(index, await work(item));
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return items.flatMap((_, index) => {
    const result = results.get(index);
    return result === undefined ? [] : [result];
  });
}
