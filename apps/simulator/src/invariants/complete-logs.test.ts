import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { makeEvent, makeRecord, makeResult } from '../../test/facts.ts';
import { completeLogs } from './complete-logs.ts';

const sha256 = createHash('sha256').update('hello').digest('hex');
const logs = [{ stream: 'stdout', sizeBytes: 5, droppedBytes: 0, sha256 } as const];
const record = makeRecord({ result: makeResult({ logs }) });

it.each([
  { stored: 'hello', broken: false },
  { stored: 'hell', broken: true },
  { stored: 'hellO', broken: true },
  { stored: '', broken: true },
])('"$stored" of "hello": broken $broken', ({ stored, broken }) => {
  const invariant = completeLogs(
    () => record,
    () => Buffer.from(stored),
  );
  expect(invariant.onQueueEvent?.(makeEvent('finished', 'Complete', 1)) !== undefined).toBe(broken);
  expect(invariant.onQueueEvent?.(makeEvent('lost', 'Queued', 1))).toBeUndefined();
});
