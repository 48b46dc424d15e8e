import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runnerStateFolder } from '@drover/runner';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { removeRunnerStateOfGone, sweepRunnerState } from './shared-runner-state.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-runner-state-'));
  for (const id of ['vm-a', 'vm-b']) mkdirSync(join(runnerStateFolder(folder, id), 'runs'), { recursive: true });
  mkdirSync(join(folder, 'drover-runner~0'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const left = (): boolean[] => ['vm-a', 'vm-b'].map((id) => existsSync(runnerStateFolder(folder, id)));

test('the state of a VM goes when the VM is gone, and not before', async () => {
  const observe = removeRunnerStateOfGone(folder);
  observe({ type: 'instance-broken', instanceId: 'vm-b', reason: 'disk' });
  observe({ type: 'instance-gone', instanceId: 'vm-a', instanceType: 't', state: 'shutdown' });
  await vi.waitFor(() => expect(left()).toEqual([false, true]));
});

test('a start removes what is no VM’s any more, and keeps the deployed runner', async () => {
  await sweepRunnerState(folder, ['vm-b']);
  expect(left()).toEqual([false, true]);
  expect(existsSync(join(folder, 'drover-runner~0'))).toBe(true);
  await sweepRunnerState(join(folder, 'absent'), []);
});
