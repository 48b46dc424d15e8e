import type { CallOptions, CreateRequest, Instance, InstanceSet, InstanceType } from '@drover/spec';
import { type FakeGce, type FakeGceOptions, startFakeGce } from '@drover/fake-clouds/gce';
import { SeededRandom } from '@drover/testkit';
import { expect, onTestFinished } from 'vitest';
import { createGceDriver } from '../src/driver.ts';
import { gceTimings, type GceTimings } from '../src/gce-options.ts';
import { gceParams } from '../src/params.ts';
import { type JumpClock, jumpClock } from './jump-clock.ts';

const gib = 1_073_741_824;

export const authorizedKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZha2U= drover';
export const imageId = 'worker';
export const setTags = { ArvadosInstanceSetID: 'set-a', ArvadosInstanceSecret: 'a1b2'.repeat(10) };

export const instanceType: InstanceType = {
  name: 'small',
  providerType: 'n2-standard-4',
  vcpus: 4,
  ramBytes: 16 * gib,
  scratchBytes: 0,
  includedScratchBytes: 0,
  addedScratchBytes: 0,
  pricePerHour: 0.2,
  preemptible: false,
};

export const spotType: InstanceType = { ...instanceType, name: 'small.spot', preemptible: true, pricePerHour: 0.05 };

/** What takes the real cloud seconds takes the fake milliseconds. */
const fast = { pendingMs: 1, insertMs: 6, stopMs: 3 };

/** A fake cloud, and a driver that talks to it over a socket. */
export interface GceWorld {
  readonly fake: FakeGce;
  readonly clock: JumpClock;
  /** The driver's, for the sets opened without any of their own; a test may change them at any time. */
  readonly timings: { -readonly [Name in keyof GceTimings]: number };
  readonly set: InstanceSet;
  open(options?: OpenOptions): Promise<InstanceSet>;
  /** Closes everything; a request or answer that Google's schema does not allow fails it. */
  end(): Promise<void>;
}

export interface OpenOptions {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly instanceSetId?: string;
}

export async function newWorld(options: Partial<FakeGceOptions> = {}, first: OpenOptions = {}): Promise<GceWorld> {
  const clock = jumpClock();
  const fake = await startFakeGce({ clock, ...fast, ...options });
  const timings = { ...gceTimings, pollPauseMs: 2 };
  const sets: InstanceSet[] = [];
  const open = async ({ params, instanceSetId = 'set-a' }: OpenOptions = {}): Promise<InstanceSet> => {
    const { project, zones } = fake.cloud.options;
    const parsed = gceParams.parse({
      project,
      zones: [...zones],
      subnetwork: 'default',
      apiEndpoint: fake.url,
      ...params,
    });
    const context = {
      clock,
      random: new SeededRandom(1),
      instanceSetId,
      tagKeyPrefix: 'Arvados',
      instanceTypes: [instanceType, spotType],
      stateDirectory: '/nowhere',
    };
    const set = await createGceDriver({ timings }).open(parsed, context);
    sets.push(set);
    return set;
  };
  const end = async (): Promise<void> => {
    for (const set of sets) await set.close();
    await fake.close();
    expect(fake.violations).toEqual([]);
  };
  return { fake, clock, timings, set: await open(first), open, end };
}

/** A world that ends with the test. */
export async function world(options: Partial<FakeGceOptions> = {}, first: OpenOptions = {}): Promise<GceWorld> {
  const made = await newWorld(options, first);
  onTestFinished(() => made.end());
  return made;
}

export function call(): CallOptions {
  return { signal: AbortSignal.timeout(120_000) };
}

export function requestOf(set: InstanceSet, changes: Partial<CreateRequest> = {}): CreateRequest {
  const type = changes.instanceType ?? instanceType;
  const [offering] = set.offerings(type);
  if (offering === undefined) throw new Error('no offering');
  const count = changes.count ?? 1;
  return {
    createId: 'create-1',
    count,
    instanceType: type,
    offering,
    imageId,
    tags: Array.from({ length: count }, () => setTags),
    initCommands: Array.from({ length: count }, () => 'true'),
    authorizedKey,
    ...changes,
  };
}

/** The one VM of a request. */
export async function createOne(set: InstanceSet, changes: Partial<CreateRequest> = {}): Promise<Instance> {
  const [result] = await set.create(requestOf(set, changes), call());
  if (result === undefined) throw new Error('no result');
  if (!result.ok) throw result.error;
  return result.instance;
}

/** How many VMs Google has been asked for. */
export function inserts({ fake }: GceWorld): number {
  return fake.calls.filter(({ id }) => id === 'compute.instances.insert').length;
}

/** What a promise rejects with; undefined when it does not. */
export function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

// Loading the SDK and making its first calls takes seconds on a busy machine; no test is to be charged with it.
const warmUp = await newWorld();
await createOne(warmUp.set);
await warmUp.set.list(setTags, call());
await warmUp.end();
