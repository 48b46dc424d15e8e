import { expect, it } from 'vitest';
import { makeAttempts, makeEvent, makeRecord } from '../../test/facts.ts';
import { boundedAttempts } from './bounded-attempts.ts';

const started = makeEvent('started', 'Running', 1);

it.each([
  { attempts: 3, retries: 1, broken: false },
  { attempts: 4, retries: 1, broken: true },
  { attempts: 5, retries: 5, broken: false },
])('$attempts starts with a cap of 3 and $retries asked for: broken $broken', ({ attempts, retries, broken }) => {
  const { spec } = makeRecord();
  const record = makeRecord({
    attempts: makeAttempts(attempts),
    spec: { ...spec, retry: { attempts: retries, on: [] } },
  });
  expect(boundedAttempts(() => record, 3).onQueueEvent?.(started) !== undefined).toBe(broken);
});
