import type { CreateIntent } from '@drover/spec';
import { describe, expect, test } from 'vitest';
import { call, type QueueHarnessMaker, startRecord, submitOne, withQueue } from './queue-harness.ts';

const intent: CreateIntent = {
  createId: 'c-1',
  instanceType: 'small',
  offeringId: 'zone-a',
  count: 2,
  secrets: ['s1', 's2'],
  createdAtMs: 5,
};

/** Leadership, pins and create intents, as every queue of ours must keep them. */
export function stateStoreConformance(name: string, make: QueueHarnessMaker): void {
  describe(`${name} as a state store`, () => {
    rememberCases(make);
    leadCases(make);
  });
}

function rememberCases(make: QueueHarnessMaker): void {
  test('pins are set, replaced and removed', () =>
    withQueue(make, async ({ state }) => {
      expect(await state.pins(call)).toEqual(new Map());
      await state.setPin('i-1', ['ssh-ed25519 AAAA'], call);
      await state.setPin('i-2', [], call);
      await state.setPin('i-1', ['ssh-ed25519 BBBB', 'ssh-rsa CCCC'], call);
      await state.removePin('i-2', call);
      await state.removePin('i-3', call);
      expect(await state.pins(call)).toEqual(new Map([['i-1', ['ssh-ed25519 BBBB', 'ssh-rsa CCCC']]]));
    }));

  test('the last decision about a VM is kept until the VM is gone', () =>
    withQueue(make, async ({ state }) => {
      expect(await state.behaviors(call)).toEqual(new Map());
      await state.setBehavior('i-1', { behavior: 'hold', epoch: 1, number: 1 }, call);
      await state.setBehavior('i-2', { behavior: 'drain', epoch: 1, number: 7 }, call);
      await state.setBehavior('i-1', { behavior: 'run', epoch: 2, number: 1 }, call);
      await state.removePin('i-2', call);
      expect(await state.behaviors(call)).toEqual(new Map([['i-1', { behavior: 'run', epoch: 2, number: 1 }]]));
    }));

  test('create intents are recorded and removed, repeats are harmless', () =>
    withQueue(make, async ({ state }) => {
      await state.recordIntent(intent, call);
      await state.recordIntent(intent, call);
      await state.recordIntent({ ...intent, createId: 'c-2', secrets: [] }, call);
      await state.removeIntent('c-2', call);
      await state.removeIntent('c-2', call);
      expect(await state.intents(call)).toEqual([intent]);
    }));

  test('pins, decisions and intents outlive the process', () =>
    withQueue(make, async (first, harness) => {
      if (harness.shared === false) return;
      await first.state.setPin('i-1', ['k'], call);
      await first.state.setBehavior('i-1', { behavior: 'hold', epoch: 1, number: 2 }, call);
      await first.state.recordIntent(intent, call);
      await first.close();
      const second = await harness.open();
      try {
        expect(await second.state.pins(call)).toEqual(new Map([['i-1', ['k']]]));
        expect(await second.state.behaviors(call)).toEqual(
          new Map([['i-1', { behavior: 'hold', epoch: 1, number: 2 }]]),
        );
        expect(await second.state.intents(call)).toEqual([intent]);
      } finally {
        await second.close();
      }
    }));
}

function leadCases(make: QueueHarnessMaker): void {
  test('every lead has a higher epoch, also after a release', () =>
    withQueue(make, async ({ state }) => {
      const first = await state.lead(call);
      const second = await state.lead(call);
      expect(second.epoch).toBeGreaterThan(first.epoch);
      await second.release();
      const third = await state.lead(call);
      expect(third.epoch).toBeGreaterThan(second.epoch);
    }));

  test('only one leads; the end of a process frees the lead', () =>
    withQueue(make, async (first, harness) => {
      if (harness.shared === false) return;
      const { epoch } = await first.state.lead(call);
      const second = await harness.open();
      try {
        await expect(second.state.lead(call)).rejects.toMatchObject({ code: 'QUEUE_IN_USE' });
        await first.close();
        expect((await second.state.lead(call)).epoch).toBeGreaterThan(epoch);
      } finally {
        await second.close();
      }
    }));

  test('users may submit beside the leader, but nobody else moves containers', () =>
    withQueue(make, async (first, harness) => {
      if (harness.shared === false) return;
      const leadership = await first.state.lead(call);
      const second = await harness.open();
      try {
        const uuid = await submitOne(second);
        await expect(second.queue.lock(uuid, 0, call)).rejects.toMatchObject({ code: 'QUEUE_IN_USE' });
        await expect(second.state.setPin('i', [], call)).rejects.toMatchObject({ code: 'QUEUE_IN_USE' });
        const decision = { behavior: 'hold', epoch: 1, number: 1 } as const;
        await expect(second.state.setBehavior('i', decision, call)).rejects.toMatchObject({ code: 'QUEUE_IN_USE' });
        await first.queue.lock(uuid, 0, call);
        await leadership.release();
        await expect(first.queue.started(uuid, 1, startRecord, call)).rejects.toMatchObject({ code: 'QUEUE_IN_USE' });
        await second.state.lead(call);
        expect(await second.queue.started(uuid, 1, startRecord, call)).toMatchObject({ state: 'Running' });
      } finally {
        await second.close();
      }
    }));
}
