import { createHash } from 'node:crypto';
import type { ContainerRecord, ContainerUuid, LogStream } from '@drover/spec';
import type { Invariant } from './invariant.ts';

/** 20: when a result is stored, so are its logs, byte for byte as the runner has summed them up. */
export function completeLogs(
  record: (uuid: ContainerUuid) => ContainerRecord,
  storedLog: (uuid: ContainerUuid, stream: LogStream) => Uint8Array,
): Invariant {
  return {
    number: 20,
    rule: 'stored logs are a gapless prefix plus droppedBytes',
    onQueueEvent: ({ uuid, kind, generation }) => {
      if (kind !== 'finished') return undefined;
      for (const { stream, sizeBytes, sha256 } of record(uuid).result?.logs ?? []) {
        const bytes = storedLog(uuid, stream);
        const hash = bytes.length === 0 ? '' : createHash('sha256').update(bytes).digest('hex');
        if (bytes.length !== sizeBytes || hash !== sha256)
          return `${stream} of ${uuid}/${generation} has ${bytes.length} of ${sizeBytes} bytes, hash ${hash}`;
      }
      return undefined;
    },
  };
}
