import { expect, test } from 'vitest';
import { entryOf, gibibyte } from '../test/entries.ts';
import { needsOf } from './needs.ts';

const mebibyte = 1024 * 1024;
const noReserve = { reserveExtraRamBytes: 0, localKeepBlobBuffersPerVcpu: 0 };

test.each([
  ['a VM has 5 % less than its type says', 950, 0, 0, 1000],
  ['rounds down', 1, 0, 0, 1],
  ['rounds down', 18, 0, 0, 18],
  ['rounds down', 19, 0, 0, 20],
  ['cache and reserve count', 100, 50, 40, 200],
  ['stays exact above 2^32', 1_000_000_000_000, 1, 0, 1_052_631_578_948],
])('RAM: %s (%i + %i + %i gives %i)', (_, ramBytes, cacheRamBytes, reserveExtraRamBytes, expected) => {
  const entry = entryOf(1, { resources: { ramBytes, cacheRamBytes } });
  expect(needsOf(entry, { ...noReserve, reserveExtraRamBytes }).ramBytes).toBe(expected);
});

test('RAM for a keepstore of its own: 220 MiB and 70.4 MiB per buffer', () => {
  const entry = entryOf(1, { resources: { vcpus: 3, ramBytes: 0 } });
  const bytes = 220 * mebibyte + Math.floor((2 * 3 * 64 * mebibyte * 11) / 10);
  const { ramBytes } = needsOf(entry, { reserveExtraRamBytes: 0, localKeepBlobBuffersPerVcpu: 2 });
  expect(ramBytes).toBe(Number((BigInt(bytes) * 100n) / 95n));
});

test.each([
  ['tmp mounts add up', [3, 4], undefined, 0, 7],
  ['the disk cache comes on top', [3], undefined, 5, 8],
  ['an image counts twice when it is more than the mounts', [3], 2, 0, 2 * 2 * 64 * mebibyte],
  ['and once when the mounts hold its copy', [gibibyte], 1, 0, gibibyte + 64 * mebibyte],
])('scratch: %s', (_, scratchBytes, imageBlocks, cacheDiskBytes, expected) => {
  const image = imageBlocks === undefined ? undefined : `${'0'.repeat(32)}+${80 + 42 * imageBlocks}`;
  const entry = entryOf(1, { resources: { scratchBytes, cacheDiskBytes }, ...(image === undefined ? {} : { image }) });
  expect(needsOf(entry, noReserve).scratchBytes).toBe(expected);
});

test('vcpus are as asked, GPUs by count', () => {
  const gpu = { stack: 'cuda', count: 3, vramBytes: 1, driverVersion: '', hardwareTargets: [] };
  expect(needsOf(entryOf(1, { resources: { vcpus: 0, gpu } }), noReserve)).toMatchObject({ vcpus: 0, gpus: 3 });
});
