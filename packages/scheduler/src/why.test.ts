import type { WhyAnswer } from '@drover/spec';
import { expect, test } from 'vitest';
import { entryOf, inputOf, typeOf, uuidOf, workerOf } from '../test/entries.ts';
import { createPlanMemory, plan } from './plan.ts';
import type { PlanInput } from './plan-types.ts';
import { why } from './why.ts';

const wallOffsetMs = 1_000_000;
const locked = { state: 'Locked', generation: 1 } as const;

function ask(n: number, input: PlanInput): WhyAnswer | undefined {
  const { memory } = plan(input, createPlanMemory(input.options));
  return why(uuidOf(n), input, memory, wallOffsetMs);
}

const busyWorker = workerOf('i-1', {
  state: 'running',
  containers: [{ uuid: uuidOf(1), generation: 1, phase: 'starting' }],
});

test.each<[string, number, PlanInput, Partial<WhyAnswer>]>([
  [
    'starting',
    1,
    inputOf([entryOf(1, locked)], { pool: { workers: [busyWorker] } }),
    { code: 'starting', sentence: 'It is being started on i-1.' },
  ],
  ['priority 0', 1, inputOf([entryOf(1, { priority: 0 })]), { code: 'priority-zero' }],
  [
    'over quota',
    2,
    inputOf([entryOf(1, { priority: 5 }), entryOf(2)], {
      admission: { atQuota: true, notes: ['the account may have 0 instances'] },
    }),
    {
      code: 'over-quota',
      position: 2,
      sentence:
        'It waits at position 2: no instance has room, and no more than the present 0 may exist (the account may have 0 instances).',
    },
  ],
  [
    'limit',
    2,
    inputOf([entryOf(1, { priority: 5 }), entryOf(2)], {
      options: { initialQuotaEstimate: 1, countInstancesForLimit: false },
    }),
    {
      code: 'container-limit',
      position: 2,
      sentence: 'It waits at position 2: the present limit of 1 container is reached.',
    },
  ],
  [
    'supervisors',
    2,
    inputOf(
      [1, 2].map((n) => entryOf(n, { scheduling: { supervisor: true } })),
      {
        options: { initialQuotaEstimate: 2 },
      },
    ),
    {
      code: 'supervisor-limit',
      sentence:
        'It waits at position 2: at most 1 supervisor may run at the same time, so that what they wait for finds room.',
    },
  ],
  [
    'capacity',
    1,
    inputOf([entryOf(1)], { admission: { typesAtCapacity: new Set(['plain']) } }),
    {
      code: 'at-capacity',
      eligibleTypes: ['plain'],
      rejections: [
        { instanceType: 'plain', constraint: 'at-capacity', message: 'the cloud cannot supply it at present' },
      ],
    },
  ],
  [
    'declined',
    1,
    inputOf([entryOf(1, locked)], { admission: { createRoom: 0, notes: ['rate limited by the cloud for 12 s'] } }),
    {
      code: 'create-declined',
      sentence:
        'No instance has room, and no new one can be asked for at the moment (rate limited by the cloud for 12 s).',
    },
  ],
  [
    'boots',
    1,
    inputOf([entryOf(1, locked)], { pool: { workers: [workerOf('i-1', { state: 'booting' })] } }),
    { code: 'waiting-for-boot', position: 1 },
  ],
  ['asked for', 1, inputOf([entryOf(1, locked)]), { code: 'waiting-for-create' }],
  ['next', 1, inputOf([entryOf(1)]), { code: 'waiting-for-lock', sinceMs: 1_001_000 }],
  ['former attempt', 1, inputOf([entryOf(1)], { formerAlive: new Set([uuidOf(1)]) }), { code: 'former-attempt-alive' }],
  [
    'unsatisfiable',
    1,
    inputOf([entryOf(1, { resources: { vcpus: 5 } })]),
    {
      code: 'unsatisfiable',
      sentence: 'It cannot run: no instance type satisfies the constraint "vcpus": plain has 4 vcpus, needs 5.',
      eligibleTypes: [],
    },
  ],
  ['lost', 1, inputOf([entryOf(1, { state: 'Running' })]), { code: 'recovering' }],
])('%s', (_, n, input, expected) => {
  expect(ask(n, input)).toMatchObject(expected);
});

test('says of each type why it does not serve', () => {
  const instanceTypes = [typeOf('plain'), typeOf('small', { vcpus: 1 }), typeOf('dear', { pricePerHour: 9 })];
  const answer = ask(1, inputOf([entryOf(1, { resources: { vcpus: 2 } })], { options: { instanceTypes } }));
  expect(answer?.rejections.map(({ instanceType, constraint }) => [instanceType, constraint])).toEqual([
    ['small', 'vcpus'],
    ['dear', 'price'],
  ]);
});

test('knows nothing of a container that is not there, or over', () => {
  expect(ask(2, inputOf([entryOf(1)]))).toBeUndefined();
  expect(ask(1, inputOf([entryOf(1, { state: 'Complete' })]))).toBeUndefined();
});
