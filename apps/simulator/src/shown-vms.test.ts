import { expect, it } from 'vitest';
import { makeInstance } from '../test/facts.ts';
import { ShownVms } from './shown-vms.ts';

const cloud = { dispatcher: 2, port: 'cloud', subject: '', changes: false } as const;

it.each([
  { operation: 'list', value: { instances: [makeInstance('i-0'), makeInstance()], launchFailures: [] } },
  {
    operation: 'create',
    value: [
      { ok: false, error: new Error('full') },
      { ok: true, instance: makeInstance() },
    ],
  },
  { operation: 'describe', value: makeInstance() },
])('the answer to $operation shows a VM to the dispatcher that asked, and to no other', ({ operation, value }) => {
  const shown = new ShownVms();
  shown.heard({ ...cloud, operation }, { ok: true, value });
  expect([1, 2, 3].map((dispatcher) => shown.wasShownTo(dispatcher, 'i-1'))).toEqual([false, true, false]);
});

it('nothing is shown by a failure, or by another port', () => {
  const shown = new ShownVms();
  shown.heard({ ...cloud, operation: 'describe' }, { ok: false, error: new Error('busy') });
  shown.heard({ ...cloud, port: 'queue', operation: 'fetch' }, { ok: true, value: makeInstance() });
  expect(shown.wasShownTo(2, 'i-1')).toBe(false);
});
