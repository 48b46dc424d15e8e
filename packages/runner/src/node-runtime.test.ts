import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodeRuntime, ownNode } from './node-runtime.ts';

let folder: string;
const program = Buffer.from('a program of some bytes');

beforeEach(() => {
  folder = mkdtempSync(`${tmpdir()}/drover-node-`);
  writeFileSync(`${folder}/node`, program);
});
afterEach(() => rmSync(folder, { recursive: true }));

const runtime = (path = `${folder}/node`) =>
  nodeRuntime({ node: 'node', binaries: { 'linux-arm64': path }, cacheDirectory: `${folder}/packed` });

test('packs the program for a platform once, for its owner alone', async () => {
  const loaded = await Promise.all([runtime().load('Linux aarch64'), runtime().load('Linux aarch64')]);
  const again = await runtime().load('Linux aarch64');
  for (const packed of [...loaded, again]) {
    expect(packed).toMatchObject({
      hash: createHash('sha256').update(program).digest('hex'),
      sizeBytes: program.length,
    });
    const pieces: Uint8Array[] = [];
    for await (const piece of packed?.pieces() ?? []) pieces.push(piece);
    expect(gunzipSync(Buffer.concat(pieces))).toEqual(program);
  }
  const [file, ...others] = readdirSync(`${folder}/packed`);
  expect(others).toEqual([]);
  expect(statSync(`${folder}/packed/${file}`).mode & 0o777).toBe(0o600);
  expect(statSync(`${folder}/packed`).mode & 0o777).toBe(0o700);
});

test('has nothing for a platform that nobody named', async () => {
  expect(await runtime().load('Linux x86_64')).toBe(undefined);
  expect(await runtime().load('Plan9 mips')).toBe(undefined);
});

test('says which program cannot be packed, and tries again', async () => {
  const source = runtime(`${folder}/later`);
  await expect(source.load('Linux aarch64')).rejects.toMatchObject({ code: 'RUNNER_UNAVAILABLE', retryable: true });
  writeFileSync(`${folder}/later`, program);
  chmodSync(`${folder}/later`, 0o755);
  expect(await source.load('Linux aarch64')).toMatchObject({ sizeBytes: program.length });
});

test('packs it again when the folder has been emptied meanwhile', async () => {
  const source = runtime();
  await source.load('Linux aarch64');
  rmSync(`${folder}/packed`, { recursive: true });
  const pieces: Uint8Array[] = [];
  for await (const piece of (await source.load('Linux aarch64'))?.pieces() ?? []) pieces.push(piece);
  expect(gunzipSync(Buffer.concat(pieces))).toEqual(program);
});

test('the Node that runs this is there for VMs like this machine', () => {
  expect(Object.values(ownNode())).toEqual([process.execPath]);
});
