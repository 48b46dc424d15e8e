import type { CallOptions, CreateRequest, DriverContext, Instance, InstanceSet, InstanceType } from '@drover/spec';
import { FakeAzure, type FakeAzureOptions, fakeAzureParams } from '@drover/fake-clouds/azure';
import { SeededRandom, SimulatedClock } from '@drover/testkit';
import { expect, onTestFinished, vi } from 'vitest';
import { createAzureDriver } from '../src/driver.ts';
import type { AzureDriverOptions } from '../src/open-clients.ts';
import { type AzureParams, azureParams } from '../src/params.ts';

// Real sockets on a machine that may be busy with other things.
vi.setConfig({ testTimeout: 60_000 });

const gib = 2 ** 30;

export const instanceType: InstanceType = {
  name: 'small',
  providerType: 'Standard_D2s_v3',
  vcpus: 2,
  ramBytes: 8 * gib,
  scratchBytes: 0,
  includedScratchBytes: 0,
  addedScratchBytes: 0,
  pricePerHour: 0.1,
  preemptible: false,
};

export const authorizedKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGqYyYyYyYyYyYyYyYyYyYyYyYyYyYyYyYyYyYyYyYyY';
export const setTags = { ArvadosInstanceSetID: 'set-a' };

/** A fake of Azure and drivers that talk to it. */
export interface AzureWorld {
  readonly fake: FakeAzure;
  readonly clock: SimulatedClock;
  open(options?: OpenOptions): Promise<InstanceSet>;
  /** Closes what was opened and checks that all messages agreed with Microsoft's schema. */
  dispose(): Promise<void>;
}

/** How a driver is opened. */
export interface OpenOptions {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly driver?: AzureDriverOptions;
  readonly instanceSetId?: string;
}

/** A fresh world, disposed of after the test unless the test does so. */
export async function newWorld(
  options: Partial<FakeAzureOptions> & { readonly keep?: boolean } = {},
): Promise<AzureWorld> {
  const clock = new SimulatedClock();
  const fake = await FakeAzure.start({ clock, ...options });
  const sets: InstanceSet[] = [];
  const world: AzureWorld = {
    fake,
    clock,
    open: async ({ params, driver, instanceSetId = 'set-a' } = {}) => {
      const set = await createAzureDriver({ ca: fake.ca, credential: credential(), ...driver }).open(
        checkedParams(fake, params),
        context(clock, instanceSetId),
      );
      sets.push(set);
      return set;
    },
    dispose: async () => {
      await Promise.all(sets.map((set) => set.close()));
      await fake.close();
      expect(fake.violations).toEqual([]);
    },
  };
  if (options.keep !== true) onTestFinished(() => world.dispose());
  return world;
}

/** A token that the fake takes. */
export function credential(token = 'token-of-the-fake'): NonNullable<AzureDriverOptions['credential']> {
  return { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }) };
}

function checkedParams(fake: FakeAzure, changes: Readonly<Record<string, unknown>> = {}): AzureParams {
  return azureParams.parse({ ...fakeAzureParams, endpoint: fake.url, ...changes });
}

/** What a driver is opened with. */
export function context(clock: SimulatedClock, instanceSetId: string): DriverContext {
  return {
    clock,
    random: new SeededRandom(1),
    instanceSetId,
    tagKeyPrefix: 'Arvados',
    instanceTypes: [instanceType],
    stateDirectory: '/nonexistent',
  };
}

/** Options of a call with a deadline. */
export function call(): CallOptions {
  return { signal: AbortSignal.timeout(30_000) };
}

/** A request for VMs of the first offering. */
export function request(set: InstanceSet, createId: string, changes: Partial<CreateRequest> = {}): CreateRequest {
  const type = changes.instanceType ?? instanceType;
  const count = changes.count ?? 1;
  const [offering] = set.offerings(type);
  if (offering === undefined) throw new Error('no offering');
  return {
    createId,
    count,
    instanceType: type,
    offering,
    imageId: 'worker',
    tags: Array.from({ length: count }, () => setTags),
    initCommands: Array.from({ length: count }, () => 'true'),
    authorizedKey,
    ...changes,
  };
}

/** Creates one VM. */
export async function createVm(
  set: InstanceSet,
  createId: string,
  changes: Partial<CreateRequest> = {},
): Promise<Instance> {
  const [result] = await set.create(request(set, createId, changes), call());
  if (result?.ok !== true) throw result?.error ?? new Error('no result');
  return result.instance;
}

/** Lets simulated time pass until there is something to see. */
export async function until<T>(
  world: AzureWorld,
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  for (let tries = 0; tries < 200; tries += 1) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await world.clock.advance(5_000);
    // Requests that the driver makes in the background are answered over a real socket.
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  throw new Error(`never: ${what}`);
}
