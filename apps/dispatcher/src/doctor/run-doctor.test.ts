import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateSshKeyPair } from '@drover/ssh-executor';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkClock } from './check-clock.ts';
import type { DoctorCheck, DoctorReport, DoctorSubject } from './doctor-check.ts';
import { runDoctor } from './run-doctor.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-doctor-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function doctor(config: Readonly<Record<string, unknown>> = {}): Promise<DoctorReport> {
  const path = join(folder, 'drover.yaml');
  writeFileSync(path, JSON.stringify({ stateDirectory: join(folder, 'state'), api: { port: 0 }, ...config }));
  return runDoctor(path, {}, { signal: new AbortController().signal });
}

function about({ checks }: DoctorReport, subject: DoctorSubject): readonly DoctorCheck[] {
  return checks.filter((found) => found.subject === subject);
}

test('a good configuration passes, and nothing is left of the look', async () => {
  const report = await doctor();
  expect(report.checks.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
  expect(report.ok).toBe(true);
  const subjects: readonly DoctorSubject[] = [
    'config',
    'state',
    'queue',
    'api',
    'key',
    'clock',
    'runner',
    'driver',
    'types',
  ];
  for (const subject of subjects) expect(about(report, subject).length).toBeGreaterThan(0);
  expect(readdirSync(folder)).toEqual(['drover.yaml']);
});

test('a wrong configuration gives every problem with its place and code, and nothing else is tried', async () => {
  const report = await doctor({ pool: { maxInstances: 'many' }, driver: { name: 'loopback', maxInstancs: 1 } });
  expect(report.ok).toBe(false);
  expect(report.checks).toMatchObject([
    { subject: 'config', outcome: 'failed', setting: 'pool.maxInstances', message: expect.stringContaining(':1:') },
    { subject: 'config', outcome: 'failed', code: 'CONFIG_UNKNOWN_KEY', fix: 'did you mean "maxInstances"?' },
  ]);
});

test('a port that is taken fails, with the setting to change', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const report = await doctor({ api: { port: address.port } });
  server.close();
  expect(about(report, 'api')).toMatchObject([{ outcome: 'failed', code: 'API_PORT_IN_USE', setting: 'api.port' }]);
});

test('a damaged queue and a state directory that others may write to fail', async () => {
  const state = join(folder, 'state');
  mkdirSync(state);
  writeFileSync(join(state, 'queue.db'), 'x'.repeat(5_000));
  chmodSync(state, 0o777);
  const report = await doctor();
  expect(report.ok).toBe(false);
  expect(about(report, 'queue')).toMatchObject([{ outcome: 'failed', code: 'QUEUE_CORRUPT' }]);
  expect(about(report, 'state')).toMatchObject([{ outcome: 'failed', setting: 'stateDirectory' }]);
});

test('a key that others may read is worth a word', async () => {
  const path = join(folder, 'key');
  writeFileSync(path, generateSshKeyPair().privateKeyPem, { mode: 0o644 });
  const report = await doctor({ ssh: { privateKey: `file:${path}` } });
  expect(report.ok).toBe(true);
  expect(about(report, 'key')[0]).toMatchObject({ outcome: 'warning', setting: 'ssh.privateKey' });
});

test('a type that no container fits on fails', async () => {
  const report = await doctor({ instanceTypes: { tiny: { vcpus: 1, ram: '512MiB', price: 1 } } });
  expect(about(report, 'types')).toContainEqual(
    expect.objectContaining({ outcome: 'failed', setting: 'instanceTypes.tiny.ram' }),
  );
});

test('no limit on VMs is worth a word', async () => {
  const report = await doctor({ pool: { maxInstances: 0 } });
  expect(about(report, 'quota')).toContainEqual(
    expect.objectContaining({ outcome: 'warning', setting: 'pool.maxInstances' }),
  );
});

test('a clock before this program was made is wrong', () => {
  expect(checkClock(Date.UTC(2001, 0, 1))).toMatchObject({ outcome: 'failed' });
  expect(checkClock(Date.now()).outcome).not.toBe('failed');
});

test('the folder of a dispatcher that runs is not touched', async () => {
  const state = join(folder, 'state');
  const half = join(state, 'loopback', 'set', '.new-vm-1');
  mkdirSync(half, { recursive: true, mode: 0o700 });
  chmodSync(state, 0o700);
  await doctor({ instanceSetId: 'set' });
  expect(existsSync(half)).toBe(true);
  expect(readdirSync(state)).toEqual(['loopback']);
});
