import { settle } from '@drover/testkit';
import type { InstanceType } from '@drover/spec';
import { expect, it } from 'vitest';
import { goodResult } from '../test/fixture.ts';
import { ShellWorld } from '../test/shell-world.ts';
import { createPlanMemory, plan } from './plan.ts';
import { why } from './why.ts';

const gibibyte = 1024 ** 3;
const small: InstanceType = {
  name: 'small',
  providerType: 'small',
  vcpus: 2,
  ramBytes: 4 * gibibyte,
  scratchBytes: gibibyte,
  includedScratchBytes: gibibyte,
  addedScratchBytes: 0,
  pricePerHour: 0.1,
  preemptible: false,
};

function world(): ShellWorld {
  return new ShellWorld({}, { plan, createMemory: createPlanMemory, why }, [small]);
}

it('asks for a VM, and starts the container at once when it is there', async () => {
  const w = world();
  await w.start();
  const uuid = await w.submit();
  expect(w.pool.actions).toEqual([{ kind: 'create', instanceType: 'small' }]);
  w.pool.addWorker();
  await settle();
  w.pool.confirm(uuid);
  await settle();
  expect(w.state(uuid)).toBe('Running/1');
  w.pool.finish(uuid, { result: goodResult });
  await settle();
  expect(w.state(uuid)).toBe('Complete/1');
  expect(w.clock.monotonicMs()).toBe(0);
});

it('cancels what no type can ever run, and says why', async () => {
  const w = world();
  await w.start();
  const uuid = await w.submit({
    resources: { vcpus: 64, ramBytes: 1, cacheRamBytes: 0, scratchBytes: [], cacheDiskBytes: 0 },
  });
  expect(w.state(uuid)).toBe('Cancelled/0');
  expect(w.database.record(uuid).cancelReason).toContain('vcpus');
});
