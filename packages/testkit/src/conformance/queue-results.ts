import type { LossReason, RunResult } from '@drover/spec';
import { expect, test } from 'vitest';
import {
  call,
  containerSpec,
  place,
  type QueueHarnessMaker,
  runResult,
  startNext,
  startRecord,
  submitOne,
  withQueue,
} from './queue-harness.ts';

/** How a run ended, and where that leads with two attempts for every reason, and with one. */
const ends: readonly { name: string; result: Partial<RunResult>; two: string; one: string; outcome: string }[] = [
  { name: 'exit 0', result: {}, two: 'Complete 1', one: 'Complete 1', outcome: 'result' },
  { name: 'exit 3', result: { exitCode: 3 }, two: 'Queued 1', one: 'Complete 1', outcome: 'result' },
  { name: 'a signal', result: { signal: 'SIGSEGV' }, two: 'Queued 1', one: 'Complete 1', outcome: 'result' },
  { name: 'oom', result: { oom: true, signal: 'SIGKILL' }, two: 'Queued 1', one: 'Complete 1', outcome: 'result' },
  { name: 'timeout', result: { timedOut: true }, two: 'Queued 1', one: 'Complete 1', outcome: 'result' },
  { name: 'no start', result: { startError: 'no such file' }, two: 'Queued 1', one: 'Complete 1', outcome: 'result' },
  { name: 'killed', result: { killed: true }, two: 'Cancelled 1', one: 'Cancelled 1', outcome: 'cancelled' },
  { name: 'preempted', result: { preempted: true }, two: 'Queued 1', one: 'Queued 1', outcome: 'preempted' },
  { name: 'unknown', result: { unknown: true }, two: 'Queued 1', one: 'Queued 1', outcome: 'runner-lost' },
];

const failures = [
  ['exit-code', { exitCode: 1 }],
  ['timeout', { timedOut: true }],
  ['oom', { oom: true }],
] as const;

/** What results and losses lead to. */
export function resultCases(make: QueueHarnessMaker): void {
  test('how a run ends decides whether it is tried again', () =>
    withQueue(make, async (ports) => {
      for (const { name, result, two, one, outcome } of ends) {
        const { exitCode: _zero, ...withoutExit } = runResult();
        const whole = { ...(name === 'exit 0' ? runResult() : withoutExit), ...result };
        for (const [attempts, expected] of [
          [2, two],
          [1, one],
        ] as const) {
          const uuid = await submitOne(
            ports,
            containerSpec({ retry: { attempts, on: ['exit-code', 'timeout', 'oom'] } }),
          );
          await ports.queue.finished(uuid, await startNext(ports, uuid), whole, [], call);
          expect({ name, attempts, place: await place(ports, uuid) }).toEqual({ name, attempts, place: expected });
          const { attempts: history } = await ports.store.get(uuid, call);
          expect(history).toMatchObject([{ generation: 1, outcome }]);
        }
      }
    }));

  test('a run too short to be seen running is on record with where it ran', () =>
    withQueue(make, async (ports) => {
      const uuid = await submitOne(ports);
      const { entry } = await ports.queue.lock(uuid, 0, call);
      await ports.queue.finished(uuid, entry.generation, runResult(), [], { ...call, start: startRecord });
      const { instanceId, instanceType, pricePerHour } = startRecord;
      const record = await ports.store.get(uuid, call);
      expect(record).toMatchObject({ state: 'Complete', instanceId });
      expect(record.attempts).toMatchObject([{ generation: 1, instanceId, instanceType, pricePerHour }]);
    }));

  test('a policy tries again only what it names', () =>
    withQueue(make, async (ports) => {
      for (const [reason, result] of failures) {
        const on = (['exit-code', 'timeout', 'oom'] as const).filter((r) => r !== reason);
        const uuid = await submitOne(ports, containerSpec({ retry: { attempts: 5, on } }));
        await ports.queue.finished(uuid, await startNext(ports, uuid), runResult(result), [], call);
        expect({ reason, place: await place(ports, uuid) }).toEqual({ reason, place: 'Complete 1' });
      }
    }));

  test('the last of the attempts is final and its result is the container’s', () =>
    withQueue(make, async (ports) => {
      const uuid = await submitOne(ports, containerSpec({ retry: { attempts: 3, on: ['exit-code'] } }));
      for (const exitCode of [11, 12, 13])
        await ports.queue.finished(uuid, await startNext(ports, uuid), runResult({ exitCode }), [], call);
      const record = await ports.store.get(uuid, call);
      expect(record).toMatchObject({ state: 'Complete', generation: 3, result: { exitCode: 13 } });
      expect(record.attempts.map((a) => a.result?.exitCode)).toEqual([11, 12, 13]);
    }));

  lossCases(make);
}

function lossCases(make: QueueHarnessMaker): void {
  const reasons: readonly LossReason[] = ['instance-lost', 'preempted', 'boot-failed', 'start-failed', 'runner-lost'];

  test('the fifth loss in a row cancels, and the reason says so', () =>
    withQueue(make, async (ports) => {
      for (const reason of reasons) {
        const uuid = await submitOne(ports);
        const loss = { reason, detail: 'the VM is gone', instanceId: 'i-9' } as const;
        for (const generation of [1, 2, 3, 4, 5]) {
          await ports.queue.lock(uuid, generation - 1, call);
          const entry = await ports.queue.lost(uuid, generation, loss, call);
          expect(entry).toMatchObject({
            infrastructureFailures: generation,
            state: generation < 5 ? 'Queued' : 'Cancelled',
          });
        }
        const record = await ports.store.get(uuid, call);
        expect(record.cancelReason).toContain(reason);
        expect(record.attempts).toHaveLength(5);
        expect(record.attempts[0]).toMatchObject({ outcome: reason, detail: 'the VM is gone', instanceId: 'i-9' });
      }
    }));

  test('a result of its own begins the row of losses anew; unlocking neither counts nor clears', () =>
    withQueue(make, async (ports) => {
      const uuid = await submitOne(ports, containerSpec({ retry: { attempts: 9, on: ['exit-code'] } }));
      const loss = { reason: 'instance-lost', detail: 'd' } as const;
      for (let i = 1; i <= 4; i += 1) await ports.queue.lost(uuid, await startNext(ports, uuid), loss, call);
      await ports.queue.lock(uuid, 4, call);
      expect(await ports.queue.unlock(uuid, 5, 'churn', call)).toMatchObject({ infrastructureFailures: 4 });
      const failed = await ports.queue.finished(
        uuid,
        await startNext(ports, uuid),
        runResult({ exitCode: 1 }),
        [],
        call,
      );
      expect(failed).toMatchObject({ state: 'Queued', infrastructureFailures: 0 });
    }));

  test('attempts that started are limited in all', () =>
    withQueue(make, async (ports) => {
      const uuid = await submitOne(ports, containerSpec({ retry: { attempts: 5, on: ['exit-code'] } }));
      const loss = { reason: 'instance-lost', detail: 'd' } as const;
      for (let started = 1; started <= 9; started += 1) {
        const generation = await startNext(ports, uuid);
        if (started % 4 === 0) await ports.queue.finished(uuid, generation, runResult({ exitCode: 1 }), [], call);
        else await ports.queue.lost(uuid, generation, loss, call);
      }
      const last = await ports.queue.lost(uuid, await startNext(ports, uuid), loss, call);
      expect(last).toMatchObject({ state: 'Cancelled', generation: 10 });
    }));

  test('after three interruptions what prefers spot becomes on-demand only, what insists on it does not', () =>
    withQueue(make, async (ports) => {
      for (const [preemptible, expected] of [
        ['prefer', true],
        [true, false],
      ] as const) {
        const uuid = await submitOne(ports, containerSpec({ scheduling: { preemptible } }));
        for (const interruption of [1, 2, 3]) {
          const generation = await startNext(ports, uuid);
          const entry =
            interruption === 2
              ? await ports.queue.finished(uuid, generation, runResult({ preempted: true }), [], call)
              : await ports.queue.lost(uuid, generation, { reason: 'preempted', detail: 'd' }, call);
          expect(entry.onDemandOnly ?? false).toBe(expected && interruption === 3);
        }
      }
    }));
}
