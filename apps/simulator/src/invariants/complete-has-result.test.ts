import { expect, it } from 'vitest';
import { makeEvent, makeRecord, makeResult } from '../../test/facts.ts';
import { completeHasResult } from './complete-has-result.ts';

const produced = { instanceId: 'i-1', uuid: 'c1', generation: 1, result: makeResult() };
const complete = makeEvent('finished', 'Complete', 1);

it('lets a container end as its runner says', () => {
  const invariant = completeHasResult(() => makeRecord({ result: makeResult() }));
  invariant.onResult?.(produced);
  expect(invariant.onQueueEvent?.(complete)).toBeUndefined();
});

it('catches a result that nobody wrote, another attempt’s, and a changed one', () => {
  const invented = completeHasResult(() => makeRecord({ result: makeResult() }));
  expect(invented.onQueueEvent?.(complete)).toContain('runners wrote []');
  invented.onResult?.({ ...produced, generation: 2 });
  expect(invented.onQueueEvent?.(complete)).toContain('runners wrote []');
  const changed = completeHasResult(() => makeRecord({ result: makeResult({ exitCode: 1 }) }));
  changed.onResult?.(produced);
  expect(changed.onQueueEvent?.(complete)).toContain('is Complete with');
});
