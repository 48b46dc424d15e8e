import { readFile } from 'node:fs/promises';
import type { PreemptionSource } from './source.ts';

/** Where the notice appears, below the folder that the VM calls its root. */
export const noticeFile = 'preemption-notice';

/** A file whose first line says what is coming; for VMs without a metadata service. */
export function fileSource(path: string): PreemptionSource {
  return async () => {
    try {
      const [line = ''] = (await readFile(path, 'utf8')).split('\n', 1);
      return { detail: line === '' ? 'a notice has appeared' : line, imminent: true };
    } catch {
      return undefined;
    }
  };
}
