import { expect, test } from 'vitest';
import { entryOf, gibibyte, optionsOf, typeOf } from '../test/entries.ts';
import { rejectionMessage, rejectionsOf } from './rejections.ts';

const gpu = { stack: 'cuda', count: 1, vramBytes: 8 * gibibyte, driverVersion: '12.0', hardwareTargets: ['8.0'] };
const cuda = {
  stack: 'cuda',
  count: 1,
  vramBytes: 8 * gibibyte,
  driverVersion: '12.0',
  hardwareTarget: '8.6',
} as const;

test.each([
  ['vcpus', { resources: { vcpus: 5 } }, {}, 'has 4 vcpus, needs 5'],
  ['ram', { resources: { ramBytes: 16 * gibibyte } }, {}, 'has 16 GiB RAM, needs 17.5 GiB with reserves'],
  ['scratch', { resources: { scratchBytes: [101 * gibibyte] } }, {}, 'has 100 GiB scratch, needs 101 GiB'],
  ['preemptible', { scheduling: { preemptible: true } }, {}, 'is on-demand, needs spot'],
  ['preemptible', {}, { preemptible: true }, 'is spot, needs on-demand'],
  ['max-price', { scheduling: { maxPricePerHour: 0.5 } }, {}, 'costs 1 per hour, at most 0.5 per hour is wanted'],
  ['instance-type', { scheduling: { instanceTypes: ['m5*'] } }, {}, 'is not among the types asked for (m5*)'],
  ['gpu-stack', { resources: { gpu } }, {}, 'has no GPU, needs cuda GPUs'],
  ['gpu-stack', {}, { gpu: cuda }, 'has cuda GPUs, needs no GPU'],
  ['gpu-count', { resources: { gpu: { ...gpu, count: 2 } } }, { gpu: cuda }, 'has 1 GPU, needs 2'],
  [
    'gpu-vram',
    { resources: { gpu: { ...gpu, vramBytes: 9 * gibibyte } } },
    { gpu: cuda },
    'has 8 GiB per GPU, needs 9 GiB',
  ],
  [
    'gpu-driver',
    { resources: { gpu: { ...gpu, driverVersion: '13' } } },
    { gpu: cuda },
    'has GPU driver 12.0, needs at least 13',
  ],
  [
    'gpu-target',
    { resources: { gpu: { ...gpu, hardwareTargets: ['9.0'] } } },
    { gpu: cuda },
    'has GPU target 8.6, needs 9.0',
  ],
])('names %s', (constraint, request, type, message) => {
  const options = optionsOf({ reserveExtraRamBytes: 550 * 1024 * 1024, instanceTypes: [typeOf('only', type)] });
  expect(rejectionsOf(entryOf(1, request), options)).toEqual([{ instanceType: 'only', constraint, message }]);
  expect(rejectionMessage(entryOf(1, request), options)).toBe(
    `no instance type satisfies the constraint "${constraint}": only ${message}`,
  );
});

test('a type that is only too dear beside others is named too', () => {
  const options = optionsOf({ instanceTypes: [typeOf('fits'), typeOf('dear', { pricePerHour: 2 })] });
  expect(rejectionsOf(entryOf(1), options)).toEqual([
    {
      instanceType: 'dear',
      constraint: 'price',
      message: 'costs 2 per hour, too much beside the cheapest that fits',
    },
  ]);
});

test('several constraints are all named', () => {
  const options = optionsOf({ instanceTypes: [typeOf('small', { vcpus: 1 }), typeOf('spot', { preemptible: true })] });
  expect(rejectionMessage(entryOf(1, { resources: { vcpus: 2 } }), options)).toBe(
    'no instance type satisfies all constraints (vcpus, preemptible): small has 1 vcpu, needs 2; spot is spot, needs on-demand',
  );
});

test('says so when there are no types at all', () => {
  expect(rejectionMessage(entryOf(1), optionsOf({ instanceTypes: [] }))).toBe('no instance types are configured');
});
