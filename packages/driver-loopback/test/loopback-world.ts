import { mkdtempSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CallOptions, CreateRequest, Instance, InstanceSet } from '@drover/spec';
import ssh2 from 'ssh2';
import { expect, onTestFinished, vi } from 'vitest';
import { createLoopbackDriver, type LoopbackDriverOptions } from '../src/driver.ts';
import { findMarked } from '../src/end-processes.ts';
import { type LoopbackParams, loopbackParams } from '../src/params.ts';
import { markerPrefixOf } from '../src/vm-fleet.ts';
import { context, requestOne } from './surroundings.ts';
import { realClock } from '@drover/testkit/real-clock';

// Real processes on a machine that may be busy with other things.
vi.setConfig({ testTimeout: 60_000 });

/** A key pair of the dispatcher. */
export const dispatcherKey = ssh2.utils.generateKeyPairSync('ed25519');

/** Options of a call with a deadline. */
export function call(): CallOptions {
  return { signal: AbortSignal.timeout(30_000) };
}

/** How a driver is opened over the world's folder. */
export interface OpenOptions {
  readonly params?: Partial<LoopbackParams>;
  readonly driver?: LoopbackDriverOptions;
  readonly instanceSetId?: string;
}

/** A state directory, and what happens in it. */
export interface LoopbackWorld {
  readonly stateDirectory: string;
  open(options?: OpenOptions): Promise<InstanceSet>;
  /** Folder of a VM of a set. */
  folder(id: string, instanceSetId?: string): string;
  /** Processes of VMs of this world. */
  processes(): Promise<readonly number[]>;
  /** Names in a set's folder. */
  entries(instanceSetId?: string): readonly string[];
}

/** A fresh world; after the test nothing of it may be left but what the test says: an empty folder. */
export function newWorld(options: { readonly keepFolder?: boolean; readonly below?: string } = {}): LoopbackWorld {
  const temporary = mkdtempSync(join(tmpdir(), 'drover-loopback-'));
  const stateDirectory = join(temporary, options.below ?? '');
  const setIds = new Set<string>();
  const folder = (id: string, setId = 'set-a'): string => join(stateDirectory, 'loopback', setId, id);
  const world: LoopbackWorld = {
    stateDirectory,
    folder,
    open: ({ params, driver, instanceSetId = 'set-a' } = {}) => {
      setIds.add(instanceSetId);
      return createLoopbackDriver(driver).open(
        loopbackParams.parse(params ?? {}),
        context({ stateDirectory, instanceSetId }),
      );
    },
    processes: async () => {
      const prefixes = Array.from(setIds, (id) => markerPrefixOf(join(stateDirectory, 'loopback', id)));
      const marked = await findMarked((marker) => prefixes.some((prefix) => marker.startsWith(prefix)));
      return marked.map((process) => process.identity.pid);
    },
    entries: (instanceSetId) => readdirSync(folder('', instanceSetId)),
  };
  if (options.keepFolder !== true)
    onTestFinished(async () => {
      await endWorld(world, [...setIds]);
      await rm(temporary, { recursive: true, force: true });
    });
  return world;
}

/** Removes a world: destroys what is left, then proves that no process and no folder of a VM remains. */
export async function endWorld(world: LoopbackWorld, setIds: readonly string[]): Promise<void> {
  for (const instanceSetId of setIds) {
    const set = await world.open({ instanceSetId });
    for (const instance of (await set.list({}, call())).instances) await set.destroy(instance, call());
    expect(world.entries(instanceSetId)).toEqual([]);
  }
  expect(await world.processes()).toEqual([]);
  await rm(world.stateDirectory, { recursive: true });
}

/** A request for VMs of this machine. */
export function request(set: InstanceSet, createId: string, changes: Partial<CreateRequest> = {}): CreateRequest {
  return { ...requestOne(set, createId, dispatcherKey.public), ...changes };
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

/** Looks every few milliseconds until there is something to see. */
export async function until<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const deadlineMs = performance.now() + 10_000;
  while (performance.now() < deadlineMs) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await realClock.sleep(5);
  }
  throw new Error(`never: ${what}`);
}
