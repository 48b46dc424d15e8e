import type { ContainerUuid, Random } from '@drover/spec';

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';
const idLength = 15;
/** Bytes from here on are dropped, so that every character is equally likely. */
const fairBelow = 256 - (256 % alphabet.length);

/** `count` container UUIDs, `ccccc-dz642-` + 15 of a-z0-9; unique but for chance (36^15), so a queue still checks. */
export function newContainerUuids(random: Random, clusterId: string, count: number): ContainerUuid[] {
  const uuids: ContainerUuid[] = [];
  let id = '';
  while (uuids.length < count) {
    const hex = random.hex(Math.min(4096, (count - uuids.length) * (idLength + 1)));
    for (let i = 0; i < hex.length && uuids.length < count; i += 2) {
      const byte = Number.parseInt(hex.slice(i, i + 2), 16);
      if (byte < fairBelow) id += alphabet.charAt(byte % alphabet.length);
      if (id.length === idLength) {
        uuids.push(`${clusterId}-dz642-${id}`);
        id = '';
      }
    }
  }
  return uuids;
}
