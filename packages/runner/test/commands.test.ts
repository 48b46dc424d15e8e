import { execFileSync } from 'node:child_process';
import { testUuid } from '@drover/testkit/conformance';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { onLinux, TestVm, until } from './test-vm.ts';

let vm: TestVm;

beforeEach(async () => {
  if (!onLinux) return;
  vm = await TestVm.start();
});

afterEach(async () => {
  if (!onLinux) return;
  await vm.dispose();
});

const limits = { maxRunTimeMs: 0, memoryBytes: 0, vcpus: 0, maxLogBytes: 1_000_000, killGraceMs: 100 };
const uuid = testUuid(1);

function start(command: readonly string[]): void {
  const request = { uuid, generation: 1, container: { command, env: {} }, limits, gpuDevices: [], gatewaySecret: '' };
  const printed = execFileSync(process.execPath, [vm.agentPath, 'start', vm.stateFolder], {
    input: JSON.stringify(request),
    encoding: 'utf8',
  });
  expect(printed).toBe('ok\n');
}

async function hasEnded(): Promise<boolean> {
  const status: unknown = JSON.parse(await vm.command('list', vm.stateFolder));
  return JSON.stringify(status).includes('"finished"');
}

test.skipIf(!onLinux)('start, list, logs, result, ack: one operation at a time', async () => {
  start(['sh', '-c', 'head -c 400000 /dev/zero | tr "\\0" y; exit 3']);
  while (!(await hasEnded())) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await vm.command('logs', vm.stateFolder, uuid, '1', 'stdout', '--offset=100')).toBe('y'.repeat(399_900));
  const { hash, result } = JSON.parse(await vm.command('result', vm.stateFolder, uuid, '1'));
  expect(result).toMatchObject({ exitCode: 3 });
  await expect(vm.command('ack', vm.stateFolder, uuid, '1', 'wrong')).rejects.toThrow('hash-mismatch');
  expect(await vm.command('ack', vm.stateFolder, uuid, '1', hash)).toBe('ok\n');
  expect(JSON.parse(await vm.command('list', vm.stateFolder))).toMatchObject({ containers: [] });
});

test.skipIf(!onLinux)('kill and drain', async () => {
  start(['sleep', '60']);
  expect(await vm.command('drain', vm.stateFolder, 'on')).toBe('ok\n');
  expect(JSON.parse(await vm.command('list', vm.stateFolder))).toMatchObject({ draining: true });
  expect(await vm.command('kill', vm.stateFolder, uuid, '1')).toBe('ok\n');
  await until(() => vm.shimPids().length === 0, 'the end');
  expect(JSON.parse(await vm.command('result', vm.stateFolder, uuid, '1'))).toMatchObject({ result: { killed: true } });
});

test.skipIf(!onLinux)('version, and what makes no sense', async () => {
  expect(await vm.command('version')).toMatch(/^\d+\.\d+\.\d+\n$/);
  await expect(vm.command('dance', vm.stateFolder)).rejects.toThrow('usage');
  await expect(vm.command('list')).rejects.toThrow('usage');
  await expect(vm.command('result', vm.stateFolder, uuid, '1')).rejects.toThrow('no result');
  await expect(vm.command('list', '/no/such/folder')).rejects.toThrow('agent');
});
