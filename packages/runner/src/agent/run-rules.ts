import type { RefusalCode } from '@drover/spec';
import type { Run } from './run.ts';

/** Why a request is not granted. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
}

export function refuse(code: RefusalCode, message: string): Refusal {
  return { code, message };
}

/** What a start means here: something new, something that is under way already, or nothing that may be done. */
export type StartVerdict = 'start' | 'under-way' | Refusal;

/** At most one run of a container lives on this VM, and generations only grow. */
export function judgeStart(known: Run | undefined, acked: number | undefined, generation: number): StartVerdict {
  const highest = Math.max(known?.generation ?? -1, acked ?? -1);
  if (generation < highest) {
    return refuse('stale-generation', `generation ${highest} of this container has been here; ${generation} is older`);
  }
  if (known !== undefined && generation > known.generation) {
    return refuse(
      'older-generation',
      `generation ${known.generation} of this container is still here (${known.state}); acknowledge or kill it first`,
    );
  }
  if (known?.state === 'finished' || generation === acked) {
    return refuse('already-finished', `generation ${generation} of this container has run here already`);
  }
  return known === undefined ? 'start' : 'under-way';
}

/** Undefined: the result may be forgotten. `acked`: it has been already, which is fine. */
export function judgeAck(
  known: Run | undefined,
  acked: number | undefined,
  generation: number,
  hash: string,
): 'forget' | 'done' | Refusal {
  if (known?.generation === generation) {
    if (known.end === undefined) return refuse('not-found', 'it has no result yet');
    if (known.end.hash === hash) return 'forget';
    return refuse('hash-mismatch', `the stored result has the hash ${known.end.hash}`);
  }
  if (acked !== undefined && acked >= generation) return 'done';
  return refuse('not-found', `generation ${generation} of this container is not on this VM`);
}
