import type { GpuNeeds, InstanceGpu } from '@drover/spec';
import { expect, test } from 'vitest';
import { gpuMismatch } from './gpu-fit.ts';

const cuda: InstanceGpu = { stack: 'cuda', count: 2, vramBytes: 16, driverVersion: '11.4', hardwareTarget: '8.6' };
const rocm: InstanceGpu = { ...cuda, stack: 'rocm', hardwareTarget: 'gfx90a' };
const needs: GpuNeeds = { stack: 'cuda', count: 1, vramBytes: 8, driverVersion: '11.0', hardwareTargets: ['8.0'] };

test.each<[string, Partial<GpuNeeds> | undefined, InstanceGpu | undefined, string | undefined]>([
  ['no GPU asked, none there', undefined, undefined, undefined],
  ['no GPU asked, one there', undefined, cuda, 'gpu-stack'],
  ['one asked, none there', {}, undefined, 'gpu-stack'],
  ['other stack', { stack: 'rocm' }, cuda, 'gpu-stack'],
  ['unknown stack', { stack: 'opencl' }, cuda, 'gpu-stack'],
  ['enough of all', {}, cuda, undefined],
  ['too many devices', { count: 3 }, cuda, 'gpu-count'],
  ['devices without a stack', { stack: '' }, undefined, 'gpu-count'],
  ['too much memory per device', { vramBytes: 17 }, cuda, 'gpu-vram'],
  ['a newer driver', { driverVersion: '11.5' }, cuda, 'gpu-driver'],
  ['versions are numbers: 11.10 is 11.1', { driverVersion: '11.10' }, cuda, undefined],
  ['a driver that is no number', { driverVersion: '11.4.1' }, cuda, 'gpu-driver'],
  ['an empty driver version is no number either', { driverVersion: '' }, cuda, 'gpu-driver'],
  ['one CUDA target: at least', { hardwareTargets: ['8.6'] }, cuda, undefined],
  ['one CUDA target: not less', { hardwareTargets: ['9.0'] }, cuda, 'gpu-target'],
  ['one CUDA target that is no number', { hardwareTargets: ['sm_80'] }, cuda, 'gpu-target'],
  ['several CUDA targets: exactly', { hardwareTargets: ['8.0', '9.0'] }, cuda, 'gpu-target'],
  ['several CUDA targets: exactly', { hardwareTargets: ['8.0', '8.6'] }, cuda, undefined],
  ['CUDA without a target', { hardwareTargets: [] }, cuda, 'gpu-target'],
  [
    'driver and target do not matter for no devices',
    { count: 0, driverVersion: '99', hardwareTargets: [] },
    cuda,
    undefined,
  ],
  ['ROCm: exactly', { stack: 'rocm', hardwareTargets: ['gfx90a'] }, rocm, undefined],
  ['ROCm: exactly', { stack: 'rocm', hardwareTargets: ['gfx1100'] }, rocm, 'gpu-target'],
])('%s', (_, changes, gpu, expected) => {
  expect(gpuMismatch(changes === undefined ? undefined : { ...needs, ...changes }, gpu)).toBe(expected);
});

test('any driver will do when none is named', () => {
  const { driverVersion: _, ...anyDriver } = needs;
  expect(gpuMismatch(anyDriver, { ...cuda, driverVersion: 'unknown' })).toBe(undefined);
});
