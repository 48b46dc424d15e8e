import { randomBytes } from 'node:crypto';
import type { CreateRequest, DriverContext, InstanceSet, InstanceType, Random } from '@drover/spec';
import { localhostInstanceType } from '../src/localhost-instance-type.ts';
import { realClock } from '@drover/testkit/real-clock';

/** Chance. */
export const systemRandom: Random = { next: () => Math.random(), hex: (bytes) => randomBytes(bytes).toString('hex') };

/** This machine. */
export const instanceType: InstanceType = localhostInstanceType();

/** The tags of the set under test. */
export const setTags = { set: 'ours' };

/** What a driver is opened with, here and in the programs that tests start. */
export function context(changes: Partial<DriverContext> & { readonly stateDirectory: string }): DriverContext {
  return {
    clock: realClock,
    random: systemRandom,
    instanceSetId: 'set-a',
    tagKeyPrefix: '',
    instanceTypes: [instanceType],
    ...changes,
  };
}

/** A request for one VM of this machine. */
export function requestOne(set: InstanceSet, createId: string, authorizedKey: string): CreateRequest {
  const [offering] = set.offerings(instanceType);
  if (offering === undefined) throw new Error('no offering');
  return {
    createId,
    count: 1,
    instanceType,
    offering,
    imageId: '',
    tags: [setTags],
    initCommands: [''],
    authorizedKey,
  };
}
