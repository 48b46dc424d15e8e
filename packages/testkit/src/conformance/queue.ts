import { describe, expect, test } from 'vitest';
import { call, chunk, type QueueHarnessMaker, runResult, startNext, submitOne, withQueue } from './queue-harness.ts';
import { logCases } from './queue-logs.ts';
import { modelCases } from './queue-model-test.ts';
import { moveCases } from './queue-moves.ts';
import { pollCases } from './queue-poll.ts';
import { resultCases } from './queue-results.ts';
import { storeCases } from './queue-store.ts';
import { submitCases } from './queue-submit.ts';

/**
 * What every queue of ours must do: submission, polling, every move from every state, results and retries, logs, the
 * users' side, and random histories against a model. `modelRuns`: how many of those (default 60).
 */
export function queueConformance(
  name: string,
  make: QueueHarnessMaker,
  options: { readonly modelRuns?: number } = {},
): void {
  describe(`${name} as a queue`, () => {
    submitCases(make);
    pollCases(make);
    moveCases(make);
    resultCases(make);
    logCases(make);
    storeCases(make);
    modelCases(make, options.modelRuns ?? 60);

    test('everything is there after it is opened again', () =>
      withQueue(make, async (first, harness) => {
        if (harness.shared === false) return;
        const done = await submitOne(first);
        const running = await submitOne(first);
        await first.queue.finished(
          done,
          await startNext(first, done),
          runResult({ exitCode: 6 }),
          [chunk('log')],
          call,
        );
        await startNext(first, running);
        const before = [await first.store.get(done, call), await first.store.get(running, call)];
        await first.close();
        const second = await harness.open();
        try {
          expect([await second.store.get(done, call), await second.store.get(running, call)]).toEqual(before);
          const bytes = await second.store.readLog(done, 'stdout', { offset: 0, maxBytes: 99 }, call);
          expect(Buffer.from(bytes).toString()).toBe('log');
          expect((await second.queue.poll(undefined, call)).entries).toMatchObject([{ uuid: running }]);
          expect((await second.queue.fetch(running, call)).entry.generation).toBe(1);
        } finally {
          await second.close();
        }
      }));
  });
}
