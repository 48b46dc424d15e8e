import { type ContainerState, type ContainerUuid, DroverError } from '@drover/spec';
import { expect, test } from 'vitest';
import {
  call,
  place,
  type QueueHarnessMaker,
  type QueuePorts,
  runResult,
  startNext,
  startRecord,
  submitOne,
  withQueue,
} from './queue-harness.ts';

/** Brings a fresh container to generation 1 and into this state. */
const reach: Record<ContainerState, (ports: QueuePorts, uuid: ContainerUuid) => Promise<unknown>> = {
  Queued: async ({ queue }, uuid) => {
    await queue.lock(uuid, 0, call);
    await queue.unlock(uuid, 1, 'set up', call);
  },
  Locked: ({ queue }, uuid) => queue.lock(uuid, 0, call),
  Running: (ports, uuid) => startNext(ports, uuid),
  Complete: async (ports, uuid) => ports.queue.finished(uuid, await startNext(ports, uuid), runResult(), [], call),
  Cancelled: async (ports, uuid) => {
    await ports.queue.lock(uuid, 0, call);
    await ports.queue.cancel(uuid, 1, 'set up', call);
  },
};

type Move = (ports: QueuePorts, uuid: ContainerUuid, generation: number) => Promise<unknown>;

const moves: Record<string, Move> = {
  lock: ({ queue }, uuid, g) => queue.lock(uuid, g, call),
  unlock: ({ queue }, uuid, g) => queue.unlock(uuid, g, 'r', call),
  started: ({ queue }, uuid, g) => queue.started(uuid, g, startRecord, call),
  finished: ({ queue }, uuid, g) => queue.finished(uuid, g, runResult(), [], call),
  lost: ({ queue }, uuid, g) => queue.lost(uuid, g, { reason: 'instance-lost', detail: 'd' }, call),
  cancel: ({ queue }, uuid, g) => queue.cancel(uuid, g, 'r', call),
};

/**
 * Where each move leads from each state, resting on the container's generation 1. `same`: it landed before, so that it
 * succeeds and changes nothing; `conflict`: LockConflictError.
 */
const table: Record<ContainerState, Record<string, string>> = {
  Queued: {
    lock: 'Locked 2',
    unlock: 'same',
    started: 'conflict',
    finished: 'conflict',
    lost: 'conflict',
    cancel: 'Cancelled 1',
  },
  Locked: {
    lock: 'conflict',
    unlock: 'Queued 1',
    started: 'Running 1',
    finished: 'Complete 1',
    lost: 'Queued 1',
    cancel: 'Cancelled 1',
  },
  Running: {
    lock: 'conflict',
    unlock: 'conflict',
    started: 'same',
    finished: 'Complete 1',
    lost: 'Queued 1',
    cancel: 'Cancelled 1',
  },
  Complete: {
    lock: 'conflict',
    unlock: 'conflict',
    started: 'same',
    finished: 'same',
    lost: 'conflict',
    cancel: 'conflict',
  },
  Cancelled: {
    lock: 'conflict',
    unlock: 'conflict',
    started: 'conflict',
    finished: 'conflict',
    lost: 'conflict',
    cancel: 'same',
  },
};

/** Every move from every state, with the right generation and with wrong ones. */
export function moveCases(make: QueueHarnessMaker): void {
  // One queue for all moves of a state, each with a container of its own: opening one costs more than a move.
  test.each(Object.keys(table))('every move from %s leads where the table says', (state) =>
    withQueue(make, async (ports) => {
      for (const [move, outcome] of Object.entries(rowOf(state)))
        expect({ move, went: await tryMove(ports, state, move) }).toEqual({ move, went: outcome });
    }),
  );

  test('a repeated lock succeeds while Locked and is refused once it runs', () =>
    withQueue(make, async (ports) => {
      const uuid = await submitOne(ports);
      const first = await ports.queue.lock(uuid, 0, call);
      expect(await ports.queue.lock(uuid, 0, call)).toEqual(first);
      await ports.queue.started(uuid, 1, startRecord, call);
      await expect(ports.queue.lock(uuid, 0, call)).rejects.toMatchObject({ code: 'QUEUE_LOCK_CONFLICT' });
    }));

  test('one generation cannot start on two VMs', () =>
    withQueue(make, async (ports) => {
      const uuid = await submitOne(ports);
      await startNext(ports, uuid);
      const elsewhere = { ...startRecord, instanceId: 'i-2' };
      await expect(ports.queue.started(uuid, 1, elsewhere, call)).rejects.toMatchObject({
        code: 'QUEUE_LOCK_CONFLICT',
      });
      expect((await ports.store.get(uuid, call)).instanceId).toBe('i-1');
    }));

  test('a late repeat succeeds although the container has gone on, and changes nothing', () =>
    withQueue(make, async (ports) => {
      const uuid = await submitOne(ports);
      const loss = { reason: 'instance-lost', detail: 'd' } as const;
      await ports.queue.lost(uuid, await startNext(ports, uuid), loss, call);
      await startNext(ports, uuid);
      expect(await ports.queue.lost(uuid, 1, loss, call)).toMatchObject({ state: 'Running', generation: 2 });
      await ports.queue.finished(uuid, 2, runResult(), [], call);
      expect(await ports.queue.finished(uuid, 2, runResult(), [], call)).toMatchObject({ state: 'Complete' });
    }));
}

/** Where a move from this state really leads, in the words of the table. */
async function tryMove(ports: QueuePorts, state: string, move: string): Promise<string> {
  const uuid = await submitOne(ports);
  await reachState(state)(ports, uuid);
  const before = await place(ports, uuid);
  const events = await ports.store.lastEvent(call);
  const act = moves[move];
  if (act === undefined) throw new Error(`no move ${move}`);
  const [answer] = await Promise.allSettled([act(ports, uuid, 1)]);
  const after = await place(ports, uuid);
  const written = (await ports.store.lastEvent(call)) - events;
  await expectFenced(ports, uuid, act, move === 'lock');
  const code = answer?.status === 'rejected' && DroverError.is(answer.reason) ? answer.reason.code : undefined;
  if (code === 'QUEUE_LOCK_CONFLICT' && after === before && written === 0) return 'conflict';
  if (answer?.status === 'fulfilled' && written === 1) return after;
  if (answer?.status === 'fulfilled' && written === 0 && after === before) return 'same';
  return `${answer?.status} ${before} → ${after} with ${written} events`;
}

/** Whatever the state: a generation that never was, or is long past, moves nothing. */
async function expectFenced(ports: QueuePorts, uuid: ContainerUuid, act: Move, isLock: boolean): Promise<void> {
  const before = await place(ports, uuid);
  for (const generation of isLock ? [-1, 5, 99] : [0, 5, 99])
    await expect(act(ports, uuid, generation)).rejects.toMatchObject({ code: 'QUEUE_LOCK_CONFLICT' });
  expect(await place(ports, uuid)).toBe(before);
}

function rowOf(state: string): Record<string, string> {
  for (const [name, row] of Object.entries(table)) if (name === state) return row;
  throw new Error(`no state ${state}`);
}

function reachState(state: string): (ports: QueuePorts, uuid: ContainerUuid) => Promise<unknown> {
  for (const [name, go] of Object.entries(reach)) if (name === state) return go;
  throw new Error(`no state ${state}`);
}
