import type { CallOptions, CreateRequest, Instance, InstanceType } from '@drover/spec';
import { SeededRandom } from '../src/seeded-random.ts';
import { SimulatedClock } from '../src/simulated-clock.ts';
import { FakeCloud } from '../src/cloud/fake-cloud.ts';
import type { FakeCloudOptions } from '../src/cloud/fake-cloud-options.ts';

/** The tags of the set under test. */
export const set = { 'drover-InstanceSetID': 'set-a' };
/** Never aborted. */
export const call: CallOptions = { signal: new AbortController().signal };
export const small: InstanceType = {
  name: 'small',
  providerType: 't.small',
  vcpus: 2,
  ramBytes: 4e9,
  scratchBytes: 10e9,
  includedScratchBytes: 10e9,
  addedScratchBytes: 0,
  pricePerHour: 0.5,
  preemptible: false,
};

/** A cloud, its clock, what its hooks saw, and short ways to ask it. */
export function setUp(options: Partial<FakeCloudOptions> = {}) {
  const clock = new SimulatedClock();
  const seen: string[] = [];
  const cloud = new FakeCloud({
    clock,
    random: new SeededRandom(1),
    hooks: {
      onRunning: (instance) => seen.push(`running ${instance.id}`),
      onNotice: (instance, inMs) => seen.push(`notice ${instance.id} ${inMs}`),
      onGone: (instance) => seen.push(`gone ${instance.id}`),
    },
    ...options,
  });
  const request = (createId: string, count = 1, type = small): CreateRequest => {
    const [offering] = cloud.offerings(type);
    if (offering === undefined) throw new Error('no offering');
    return {
      createId,
      count,
      instanceType: type,
      offering,
      imageId: 'image',
      tags: Array.from({ length: count }, (_, n) => ({ ...set, n: `${n}` })),
      initCommands: Array.from({ length: count }, () => 'true'),
      authorizedKey: 'ssh-ed25519 AAAA',
    };
  };
  const createOne = async (createId: string, type = small): Promise<Instance> => {
    const [result] = await cloud.create(request(createId, 1, type), call);
    if (result?.ok !== true) throw new Error('not created');
    return result.instance;
  };
  const listed = async () => (await cloud.list(set, call)).instances.map((i) => `${i.id} ${i.lifecycle}`);
  return { clock, cloud, seen, request, createOne, listed };
}
