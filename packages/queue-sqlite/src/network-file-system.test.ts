import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { networkFileSystem, refuseNetworkFileSystem } from './network-file-system.ts';

test.each([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  // The same number where the kernel's field is signed.
  [0xff534d42 - 2 ** 32, 'CIFS'],
  [0x01021997, '9p'],
  [0x65735546, 'FUSE'],
  [0x0bd00bd0, 'Lustre'],
])('%i is %s', (type, name) => {
  expect(networkFileSystem(type)).toBe(name);
});

test.each([
  ['ext4', 0xef53],
  ['xfs', 0x58465342],
  ['btrfs', 0x9123683e],
  ['tmpfs', 0x01021994],
  ['overlay', 0x794c7630],
  ['zfs', 0x2fc12fc1],
])('%s is local', (_name, type) => {
  expect(networkFileSystem(type)).toBeUndefined();
});

test('a network file system is refused by name, a local one and other platforms are not', () => {
  const nfs = (): number => 0x6969;
  expect(() => refuseNetworkFileSystem('/data', 'linux', nfs)).toThrow(
    expect.objectContaining({ code: 'QUEUE_NETWORK_FILE_SYSTEM', message: expect.stringMatching(/NFS.*\/data/) }),
  );
  expect(() => refuseNetworkFileSystem('/data', 'darwin', nfs)).not.toThrow();
  expect(() => refuseNetworkFileSystem(tmpdir())).not.toThrow();
});
