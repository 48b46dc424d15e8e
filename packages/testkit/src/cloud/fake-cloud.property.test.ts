import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { SeededRandom } from '../seeded-random.ts';
import { SimulatedClock } from '../simulated-clock.ts';
import { cloudFaults, healCloud } from './cloud-faults.ts';
import { FakeCloud } from './fake-cloud.ts';
import { call, set, small } from '../../test/fake-cloud-fixture.ts';

type Step =
  | { readonly do: 'create'; readonly createId: number; readonly count: number }
  | { readonly do: 'destroy' | 'kill' | 'powerOff'; readonly vm: number }
  | { readonly do: 'pass'; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('create' as const), createId: fc.nat(5), count: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ do: fc.constantFrom('destroy' as const, 'kill' as const, 'powerOff' as const), vm: fc.nat(9) }),
  fc.record({ do: fc.constant('pass' as const), ms: fc.nat(40_000) }),
);

const quota = 8;
const rates = {
  calls: { create: { answerLostRate: 0.2, failRate: 0.2 } },
  launchFailureRate: 0.2,
  neverBootsRate: 0.2,
};

test('whatever happens: quota holds, hosts come alive before they die and each at most once, and all ends in nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.array(step, { maxLength: 30 }), async (seed, steps) => {
      const clock = new SimulatedClock();
      const lives = new Map<string, string>();
      const live = (id: string, what: string): void => {
        lives.set(id, `${lives.get(id) ?? ''}${what}`);
      };
      const cloud = new FakeCloud({
        clock,
        random: new SeededRandom(seed),
        hooks: { onRunning: ({ id }) => live(id, 'up,'), onGone: ({ id }) => live(id, 'gone,') },
        faults: cloudFaults({ quota, ...rates }),
      });
      for (const what of steps) {
        await act(cloud, clock, what);
        expect(cloud.vms.filter((vm) => vm.lifecycle !== 'terminated').length).toBeLessThanOrEqual(quota);
      }
      healCloud(cloud.faults);
      for (const vm of cloud.vms) await cloud.destroy(vm, call);
      await clock.advance(3_600_000);
      expect(cloud.vms).toEqual([]);
      expect(clock.nextAtMs()).toBeUndefined();
      for (const life of lives.values()) expect(['up,gone,', 'gone,']).toContain(life);
    }),
    { numRuns: 100 },
  );
});

async function act(cloud: FakeCloud, clock: SimulatedClock, what: Step): Promise<void> {
  if (what.do === 'pass') {
    await clock.advance(what.ms);
    return;
  }
  if (what.do === 'create') {
    const [offering] = cloud.offerings(small);
    if (offering === undefined) throw new Error('no offering');
    const { count } = what;
    const request = {
      createId: `c${what.createId}-${count}`,
      count,
      instanceType: small,
      offering,
      imageId: '',
      tags: Array.from({ length: count }, () => set),
      initCommands: Array.from({ length: count }, () => ''),
      authorizedKey: '',
    };
    await cloud.create(request, call).catch(() => undefined);
    return;
  }
  const vm = cloud.vms[what.vm];
  if (vm === undefined) return;
  if (what.do === 'destroy') await cloud.destroy(vm, call);
  else if (what.do === 'kill') cloud.kill(vm.id);
  else cloud.powerOff(vm.id);
}
