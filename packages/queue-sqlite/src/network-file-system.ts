import { statfsSync } from 'node:fs';
import { DroverError } from '@drover/spec';

/** `f_type` of file systems whose locks or syncs cannot be trusted (linux/magic.h, statfs(2), and their own sources). */
const networkFileSystems: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x01021997, '9p'],
  [0x65735546, 'FUSE'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
  [0x47504653, 'GPFS'],
  [0x19830326, 'BeeGFS'],
  [0x20030528, 'OrangeFS'],
  [0xaad7aaea, 'PanFS'],
  [0x5346414f, 'AFS'],
  [0x6b414653, 'kAFS'],
  [0x73757245, 'Coda'],
  [0x564c, 'NCP'],
  [0x7461636f, 'OCFS2'],
  [0x01161970, 'GFS2'],
  [0x786f4256, 'a VirtualBox shared folder'],
]);

/** The name of the network file system with this `f_type`; undefined for all others. */
export function networkFileSystem(type: number): string | undefined {
  return networkFileSystems.get(type >>> 0);
}

/**
 * SQLite's locks and the write-ahead log's shared memory need a local disk.
 * @throws DroverError QUEUE_NETWORK_FILE_SYSTEM
 */
export function refuseNetworkFileSystem(
  folder: string,
  platform: NodeJS.Platform = process.platform,
  typeOf: (folder: string) => number = (path) => statfsSync(path).type,
): void {
  // Elsewhere the number means something else (on macOS an index that differs from machine to machine).
  if (platform !== 'linux') return;
  const name = networkFileSystem(typeOf(folder));
  if (name === undefined) return;
  throw new DroverError('QUEUE_NETWORK_FILE_SYSTEM', `the queue database would lie on ${name} (${folder})`, {
    fix: 'put it on a local disk, or use the PostgreSQL queue',
  });
}
