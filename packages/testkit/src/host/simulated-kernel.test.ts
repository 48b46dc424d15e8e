import { expect, it } from 'vitest';
import { SimulatedKernel } from './simulated-kernel.ts';

const owner = { uuid: 'a', generation: 1 };

it('frees a lock with the process that holds it, and not before', () => {
  const kernel = new SimulatedKernel('i-1');
  const shim = kernel.spawn(owner, 1, () => undefined);
  expect(kernel.lock('a', shim.pid)).toBe(true);
  const other = kernel.spawn(owner, 1, () => undefined);
  expect(kernel.lock('a', other.pid)).toBe(false);
  kernel.exit(shim.pid);
  expect(kernel.lock('a', other.pid)).toBe(true);
});

it('kills a process with everything below it', () => {
  const kernel = new SimulatedKernel('i-1');
  const dead: string[] = [];
  const shim = kernel.spawn(owner, 1, () => dead.push('shim'));
  kernel.spawn(owner, shim.pid, () => dead.push('workload'));
  kernel.spawn(undefined, 1, () => dead.push('other'));
  kernel.kill(shim.pid);
  expect(dead).toEqual(['workload', 'shim']);
  expect(kernel.workers).toEqual([]);
});

it('gives numbers out again after a reboot, under another boot id', () => {
  const kernel = new SimulatedKernel('i-1');
  const { bootId } = kernel;
  const { pid } = kernel.spawn(owner, 1, () => undefined);
  kernel.lock('a', pid);
  kernel.reboot();
  expect(kernel.bootId).not.toBe(bootId);
  expect(kernel.isLocked('a')).toBe(false);
  expect(kernel.process(pid)?.owner).toBeUndefined();
  expect(kernel.workers).toEqual([]);
});
