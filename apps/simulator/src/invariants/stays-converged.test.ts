import { expect, it } from 'vitest';
import { makeCreateCall, makeEvent } from '../../test/facts.ts';
import { staysConverged } from './stays-converged.ts';

it('lets everything move until all is done, and nothing after that', () => {
  let done = false;
  const invariant = staysConverged(() => done);
  const asked = [
    () => invariant.onCall?.(makeCreateCall('a')),
    () => invariant.onQueueEvent?.(makeEvent('locked', 'Locked', 1)),
    () => invariant.onRunner?.({ kind: 'start', instanceId: 'i-1', uuid: 'a', generation: 1, hostKey: 'k' }),
    () => invariant.check?.(),
  ];
  expect(asked.map((ask) => ask())).toEqual([undefined, undefined, undefined, undefined]);
  done = true;
  expect(invariant.check?.()).toBeUndefined();
  expect(invariant.onCall?.({ ...makeCreateCall('a'), operation: 'list', changes: false })).toBeUndefined();
  done = false;
  for (const ask of asked) expect(ask()).toContain('all was done');
});
