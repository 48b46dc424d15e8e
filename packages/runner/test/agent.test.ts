import { settle } from '@drover/testkit';
import { expect, test } from 'vitest';
import { attach, exitRecord, FakeVm, leases, startRequest } from './fake-ports.ts';

const claim = { epoch: 1, session: 1 };
const renew = { type: 'renew', id: 3 } as const;

test('an expired accept lease refuses starts until it is renewed, and a start does not renew it', async () => {
  const vm = new FakeVm();
  const agent = await vm.start();
  await attach(agent, claim);
  await vm.clock.advance(leases.acceptMs);
  expect(await agent.answer(startRequest('a'), claim)).toMatchObject({ type: 'ok' });
  await vm.clock.advance(leases.acceptMs + 1);
  for (const _ of [1, 2]) {
    expect(await agent.answer(startRequest('b'), claim)).toMatchObject({ type: 'refused', code: 'lease-expired' });
  }
  expect(await agent.answer(renew, claim)).toMatchObject({ type: 'ok' });
  expect(await agent.answer(startRequest('b'), claim)).toMatchObject({ type: 'ok' });
});

test('a list by the session in charge renews the leases, one by anybody else does not', async () => {
  const vm = new FakeVm();
  const agent = await vm.start();
  await attach(agent, claim);
  const list = { type: 'list', id: 4 } as const;
  for (const _ of [1, 2, 3]) {
    await vm.clock.advance(leases.acceptMs - 1);
    await agent.answer(list, claim);
  }
  expect(await agent.answer(startRequest('a'), claim)).toMatchObject({ type: 'ok' });
  await vm.clock.advance(leases.acceptMs - 1);
  await agent.answer(list, undefined);
  await agent.answer(list, { epoch: 1, session: 0 });
  await vm.clock.advance(2);
  expect(await agent.answer(startRequest('b'), claim)).toMatchObject({ type: 'refused', code: 'lease-expired' });
});

test('the dead-man lease ends an empty VM, not before its time, and again if that did not help', async () => {
  const vm = new FakeVm();
  const agent = await vm.start();
  await attach(agent, claim);
  await vm.clock.advance(leases.deadManMs);
  expect(vm.powerOffs).toEqual([]);
  await vm.clock.advance(60_000);
  expect(vm.powerOffs.length).toBe(1);
  await vm.clock.advance(600_000);
  expect(vm.powerOffs.length).toBe(2);
});

test('a VM that runs something, or holds a result, never ends itself', async () => {
  const vm = new FakeVm();
  vm.folders = ['a.1'];
  const opening = vm.start();
  vm.report('running', 'a.1', 'own 5');
  const agent = await opening;
  await attach(agent, claim);
  await vm.clock.advance(2 * leases.deadManMs);
  vm.report('finished', 'a.1', exitRecord('a.1'));
  await vm.clock.advance(2 * leases.deadManMs);
  expect(vm.powerOffs).toEqual([]);
  const { hash = '' } = agent.status().containers[0] ?? {};
  await agent.answer({ type: 'ack', id: 4, uuid: 'a', generation: 1, hash }, claim);
  await vm.clock.advance(leases.deadManMs + 1000);
  expect(vm.powerOffs.length).toBe(1);
});

test('dead-man lease 0 means never; hello on an open channel changes it', async () => {
  const vm = new FakeVm();
  const agent = await vm.start();
  await attach(agent, claim);
  const hold = { acceptMs: 1, deadManMs: 0 };
  const hello = { type: 'hello', id: 9, version: 1, afterSequence: 0, leases: hold, ...claim } as const;
  expect(await agent.hello(hello)).toBeUndefined();
  await vm.clock.advance(10 * leases.deadManMs);
  expect(vm.powerOffs).toEqual([]);
});

test('nothing starts before it is durable; a disk that cannot store it refuses', async () => {
  const vm = new FakeVm();
  const agent = await vm.start();
  await attach(agent, claim);
  vm.syncError = new Error('no space');
  expect(await agent.answer(startRequest('a'), claim)).toMatchObject({ type: 'refused', code: 'broken' });
  expect(vm.orders).toEqual([]);
  expect(agent.status().containers).toEqual([]);
  vm.syncError = undefined;
  expect(await agent.answer(startRequest('a'), claim)).toMatchObject({ type: 'ok' });
  expect(vm.orders).toEqual(['start a.1']);
});

test('nor does it when the spawner dies and comes back while the disk is slow', async () => {
  const vm = new FakeVm();
  const agent = await vm.start();
  await attach(agent, claim);
  const sync = Promise.withResolvers<void>();
  vm.slowSync = sync.promise;
  const [a, b] = [agent.answer(startRequest('a'), claim), agent.answer(startRequest('b'), claim)];
  vm.report('ready', '1', '1');
  await settle();
  expect(vm.orders.filter((order) => order.startsWith('start'))).toEqual([]);
  sync.resolve();
  expect([await a, await b]).toMatchObject([{ type: 'ok' }, { type: 'ok' }]);
  expect(vm.orders.filter((order) => order.startsWith('start'))).toEqual(['start a.1', 'start b.1']);
});

test('a start that died with its agent before the spawner had it has never run: it may start again', async () => {
  const vm = new FakeVm();
  vm.journal.push(['boot', 'boot-1'], ['start', 'a', 1, '']);
  const agent = await vm.start();
  expect(agent.status().containers).toEqual([]);
  await attach(agent, claim);
  expect(await agent.answer(startRequest('a'), claim)).toMatchObject({ type: 'ok' });
});

test('after a restart of the VM a run without a trace is unknown, with the same hash for every agent', async () => {
  const vm = new FakeVm();
  vm.journal.push(['boot', 'boot-0'], ['start', 'a', 1, '']);
  const first = await vm.start();
  const [container] = first.status().containers;
  expect(container).toMatchObject({ state: 'finished', result: { unknown: true } });
  await vm.clock.advance(5000);
  const second = await vm.start();
  expect(second.status().containers).toEqual([container]);
  expect((await attach(second, claim)).map((event) => event.type)).toEqual(['finished']);
});

test('events keep their numbers when the agent is replaced', async () => {
  const vm = new FakeVm();
  const first = await vm.start();
  const before = await attach(first, claim);
  await first.answer(startRequest('a'), claim);
  vm.report('started', 'a.1', '77');
  vm.report('finished', 'a.1', exitRecord('a.1', 9));
  vm.folders = ['a.1'];
  const opening = vm.start();
  vm.report('finished', 'a.1', exitRecord('a.1', 9));
  const after = await attach(await opening, { epoch: 1, session: 2 });
  expect(before.length).toBe(2);
  expect(after).toEqual(before);
});

test('a folder that the journal has lost is adopted; one that was acknowledged is removed', async () => {
  const vm = new FakeVm();
  vm.journal.push(['boot', 'boot-1'], ['ack', 'b', 3]);
  vm.folders = ['a.4', 'b.3', 'rubbish'];
  const opening = vm.start();
  vm.report('running', 'a.4', 'adopted 123');
  const agent = await opening;
  expect(agent.status().containers).toMatchObject([{ uuid: 'a', generation: 4, state: 'running', startedAtMs: 123 }]);
  expect(vm.orders).toContain('forget b.3');
});

test('a run of an earlier spawner is looked at twice a second, others now and then', async () => {
  const vm = new FakeVm();
  vm.folders = ['a.1', 'b.1'];
  const opening = vm.start();
  vm.report('running', 'a.1', 'adopted 1');
  vm.report('running', 'b.1', 'own 1');
  await opening;
  vm.orders.length = 0;
  await vm.clock.advance(9500);
  expect(vm.orders.filter((order) => order === 'probe a.1').length).toBe(19);
  expect(vm.orders).not.toContain('probe b.1');
  await vm.clock.advance(500);
  expect(vm.orders).toContain('probe b.1');
});

test('a spawner that died before it made the folder gets the start again', async () => {
  const vm = new FakeVm();
  const agent = await vm.start();
  await attach(agent, claim);
  await agent.answer(startRequest('a'), claim);
  vm.report('ready', '2', '1');
  await vm.clock.advance(1);
  expect(vm.orders).toEqual(['start a.1', 'probe a.1', 'start a.1']);
});

test('a run that the VM could not set up ends as unknown, and the VM is broken', async () => {
  const vm = new FakeVm();
  const agent = await vm.start();
  const events = await attach(agent, claim);
  await agent.answer(startRequest('a'), claim);
  vm.report('failed', 'a.1', 'No space left on device');
  expect(events).toMatchObject([{ type: 'broken' }, { type: 'finished', result: { unknown: true } }]);
  expect(agent.status().broken).toContain('No space left');
  expect(await agent.answer(startRequest('b'), claim)).toMatchObject({ code: 'broken' });
});

test('a preemption is told once, asks the runs to save their work, and nothing more is started', async () => {
  const vm = new FakeVm();
  vm.folders = ['a.1'];
  const opening = vm.start();
  vm.report('running', 'a.1', 'own 1');
  const agent = await opening;
  const events = await attach(agent, claim);
  agent.reportPreemption({ detail: 'perhaps', imminent: false });
  expect(vm.letters).toEqual([]);
  agent.reportPreemption({ detail: 'now', imminent: true });
  agent.reportPreemption({ detail: 'now', imminent: true });
  expect(vm.letters).toEqual(['P a.1']);
  expect(events.filter((event) => event.type === 'preempted').map((event) => event.detail)).toEqual(['perhaps', 'now']);
  expect(agent.status().preemptionNotice).toBe('now');
  expect(await agent.answer(startRequest('b'), claim)).toMatchObject({ code: 'draining' });
});

test('a kill of a run that is not up yet is passed on when it is', async () => {
  const vm = new FakeVm();
  const agent = await vm.start();
  await attach(agent, claim);
  const kill = { type: 'kill', id: 5, uuid: 'a', generation: 1 } as const;
  await agent.answer(startRequest('a'), claim);
  await agent.answer(kill, claim);
  vm.letters.length = 0;
  vm.report('started', 'a.1', '1');
  expect(vm.letters).toEqual(['T a.1']);
  vm.report('stale', 'a.1');
  expect(vm.orders).toContain('killStale a.1');
});

test('the GPU devices of a run are listed, also by the next agent', async () => {
  const vm = new FakeVm();
  const first = await vm.start();
  await attach(first, claim);
  await first.answer({ ...startRequest('a'), gpuDevices: [0, 2] }, claim);
  await first.answer(startRequest('b'), claim);
  vm.report('started', 'a.1', '5');
  vm.report('started', 'b.1', '6');
  vm.folders = ['a.1', 'b.1'];
  const opening = vm.start();
  vm.report('running', 'a.1', 'own 5');
  vm.report('running', 'b.1', 'own 6');
  const second = await opening;
  for (const agent of [first, second]) {
    expect(agent.status().containers.map((container) => container.gpuDevices)).toEqual([[0, 2], undefined]);
  }
});
